//! Automerge on a virtual device.
//!
//! # How a document is laid out
//!
//! Every replica starts from the same small change, the *genesis*, which makes
//! the declared roots: fixed actor, time 0, so its bytes and all object ids in
//! it are the same everywhere. It is nobody's edit and has no stamp.
//!
//! | container | in Automerge |
//! |---|---|
//! | text, map, list | the object of that name |
//! | counter | a `Counter` value under a key or in a list; a root counter is one under a key of the root map, made by the genesis |
//! | movable list | a list; [`movable`] |
//! | tree | a map from label to place; [`forest`] |
//! | object | a map, filled in the transaction that makes it |
//!
//! Of a root one knows the kind. Below that, a movable list or a tree sits in a
//! map with the single key [`place::WRAPPER`], so that it can be told from a
//! plain list or map; nobody else writes under that key.
//!
//! # What one has to know about Automerge 0.12
//!
//! What the adapter does about each is said where it does it; `tests/quirks.rs`
//! shows them on the engine alone.
//!
//! - **Polling can go on for ever.** When a peer names a common version that is
//!   unknown here, `generate_sync_message` answers with a reset and leaves no
//!   trace of it in the session's state: asked again, it says the same again.
//!   See [`session`].
//! - **A common version that neither side has never heals**: one side answers
//!   every message with a reset, the other repeats the unknown version.
//!   [`session`] drops such versions when a saved session is taken up.
//! - **An edit while a message is in flight** is sent at once: only a document
//!   whose heads are the ones last sent waits for the answer.
//! - **Small documents travel whole**: once the peer is known to understand it,
//!   a message that would carry more than a third of all changes carries the
//!   saved document instead, with the sender's waiting changes behind it.
//! - **Sync messages and incremental saves are not compressed**; whole saves
//!   and `Change::bytes` are.
//! - **`load_incremental` swallows damage**: it applies what it could read and
//!   reports success; `receive_sync_message` calls it. `Change::from_bytes`
//!   does not look at the checksum. `load` takes no bytes at all for an empty
//!   document. See [`chunk`] and [`store`].
//! - **`save_after` forgets changes that still wait** for others; `save` keeps
//!   them. See [`waiting`].
//! - **A replica that lost changes of its own must not go on under its id**: it
//!   would number new changes like the lost ones, and peers that hold those
//!   refuse them (`duplicate seq`) from then on, with everything built on them.
//! - **Changes are cheap together and dear one by one**: whatever comes in walks
//!   every object that it touches from end to end. 6000 changes of one character
//!   each, made within 0.3 s, are applied in 0.1 s at once and in 10 to 17 s one
//!   after the other (a metered release build).
//! - **Each applied change walks all that wait**, so that n changes in reverse
//!   order cost n²: 0.6 s for 1500, 2.6 s for 3000.
//! - **Marking always makes operations**, even where the mark was there. Putting
//!   the scalar that is there makes none, nor does putting a new counter over one
//!   that stands at 0.
//! - **Text that is not there is deleted without complaint**, and an index inside
//!   a surrogate pair means the place behind the character.
//! - A bloom filter with entries of zero bits in a hostile message divides by
//!   zero. A single flipped bit cannot make one out of a genuine message.
//! - Built with debug assertions, an insertion compares its fast path with a walk
//!   over the whole object, and collecting changes does its work twice.

#![forbid(unsafe_code)]

pub mod chunk;
mod conflicts;
pub mod edit;
mod engine;
pub mod forest;
mod genesis;
pub mod movable;
mod patches;
pub mod place;
pub mod read;
pub mod replica;
mod repro;
pub mod seen;
pub mod session;
mod shim;
pub mod store;
pub mod value;
pub mod waiting;

pub use engine::Automerge;
pub use shim::VERSIONS;
