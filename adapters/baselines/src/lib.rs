//! What CRDT engines are compared with: a [`Reference`] CRDT, which is the
//! oracle of differential tests.

#![forbid(unsafe_code)]

mod reference;

pub use reference::Reference;
