//! What CRDT engines are compared with: a [`Reference`] CRDT, which is the
//! oracle of differential tests, and [`CloudFirst`], the architecture that
//! local-first replaces.

#![forbid(unsafe_code)]

mod cloud_first;
mod reference;
mod seal;

pub use cloud_first::CloudFirst;
pub use reference::Reference;
