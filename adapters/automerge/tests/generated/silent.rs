//! automerge 0.12.0: a history in which something does not hold.
//!
//! Expected: replicas that are connected come to hold the same edits, then fall silent.
//!
//! What happens, at the end: `a` and `c` still talk.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! automerge = "=0.12.0"
//! ```

use automerge::sync::{Message, State, SyncDoc};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, LoadOptions, ObjType, ROOT, ReadDoc, TextEncoding};

#[test]
fn liveness_chatter() {
    let mut a = replica("dcb8a00e66df19066f7858de7f09c83c");
    let mut b = replica("62ae951e50342c1be9437cf4c68df200");
    let mut c = replica("194c0bcabd067256ef78c06e90987258");

    {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "one ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_0 = a.save();
    let heads_0 = a.get_heads();

    let mut a_to_b = State::new();
    let mut b_to_a = State::new();

    let message_0 = a.generate_sync_message(&mut a_to_b).unwrap().encode();

    let message_1 = b.generate_sync_message(&mut b_to_a).unwrap().encode();
    let message = Message::decode(&message_0).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();
    let message = Message::decode(&message_1).unwrap();
    a.receive_sync_message(&mut a_to_b, message).unwrap();

    {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "two ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let message_2 = a.generate_sync_message(&mut a_to_b).unwrap().encode();
    let message = Message::decode(&message_2).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();

    let message_3 = b.generate_sync_message(&mut b_to_a).unwrap().encode();
    let message = Message::decode(&message_3).unwrap();
    a.receive_sync_message(&mut a_to_b, message).unwrap();

    let message_4 = a.generate_sync_message(&mut a_to_b).unwrap().encode();
    let message = Message::decode(&message_4).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();

    let mut a_to_c = State::new();
    let mut c_to_a = State::new();

    let message_5 = a.generate_sync_message(&mut a_to_c).unwrap().encode();
    let message = Message::decode(&message_5).unwrap();
    c.receive_sync_message(&mut c_to_a, message).unwrap();

    let message_6 = c.generate_sync_message(&mut c_to_a).unwrap().encode();
    let message = Message::decode(&message_6).unwrap();
    a.receive_sync_message(&mut a_to_c, message).unwrap();

    let message_7 = a.generate_sync_message(&mut a_to_c).unwrap().encode();
    let message = Message::decode(&message_7).unwrap();
    c.receive_sync_message(&mut c_to_a, message).unwrap();

    let message_8 = c.generate_sync_message(&mut c_to_a).unwrap().encode();
    let message = Message::decode(&message_8).unwrap();
    a.receive_sync_message(&mut a_to_c, message).unwrap();

    {
        let mut tx = c.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "three ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "four ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let message_9 = c.generate_sync_message(&mut c_to_a).unwrap().encode();
    let message = Message::decode(&message_9).unwrap();
    a.receive_sync_message(&mut a_to_c, message).unwrap();

    let message_10 = a.generate_sync_message(&mut a_to_c).unwrap().encode();
    let message = Message::decode(&message_10).unwrap();
    c.receive_sync_message(&mut c_to_a, message).unwrap();

    let message_11 = a.generate_sync_message(&mut a_to_b).unwrap().encode();
    let message = Message::decode(&message_11).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();

    let message_12 = b.generate_sync_message(&mut b_to_a).unwrap().encode();
    let message = Message::decode(&message_12).unwrap();
    a.receive_sync_message(&mut a_to_b, message).unwrap();

    let message_13 = a.generate_sync_message(&mut a_to_b).unwrap().encode();
    let message = Message::decode(&message_13).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();

    let saved_1 = a.save_after(&heads_0);

    {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "five ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    b.generate_sync_message(&mut b_to_a).unwrap();

    // The connection between a and b breaks; what is on its way is lost.

    {
        let mut tx = c.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "six ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    // The connection between a and c breaks.

    // a starts again, with what was stored.
    let mut a = load("dcb8a00e66df19066f7858de7f09c83c", &[saved_0, saved_1].concat());

    let mut a_to_b = State::new();
    let mut b_to_a = State::decode(&b_to_a.encode()).unwrap();
    b_to_a.shared_heads.retain(|hash| b.get_change_by_hash(hash).is_some());

    let message_15 = a.generate_sync_message(&mut a_to_b).unwrap().encode();
    let message = Message::decode(&message_15).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();

    let message_16 = b.generate_sync_message(&mut b_to_a).unwrap().encode();
    let message = Message::decode(&message_16).unwrap();
    a.receive_sync_message(&mut a_to_b, message).unwrap();

    let message_17 = a.generate_sync_message(&mut a_to_b).unwrap().encode();
    let message = Message::decode(&message_17).unwrap();
    b.receive_sync_message(&mut b_to_a, message).unwrap();

    {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "seven ").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let mut a_to_c = State::new();
    let mut c_to_a = State::decode(&c_to_a.encode()).unwrap();
    c_to_a.shared_heads.retain(|hash| c.get_change_by_hash(hash).is_some());

    // a and c talk until neither has anything to say.
    let mut messages = 0;
    loop {
        let said = messages;
        if let Some(message) = a.generate_sync_message(&mut a_to_c) {
            messages += 1;
            let message = Message::decode(&message.encode()).unwrap();
            c.receive_sync_message(&mut c_to_a, message).unwrap();
        }
        if let Some(message) = c.generate_sync_message(&mut c_to_a) {
            messages += 1;
            let message = Message::decode(&message.encode()).unwrap();
            a.receive_sync_message(&mut a_to_c, message).unwrap();
        }
        if messages == said {
            break;
        }
        assert!(messages <= 400, "a and c still talk");
    }
}

/// A document with nothing in it but the change that makes its roots, which is
/// the same everywhere. Indices are in UTF-16 code units.
fn replica(hex: &str) -> Automerge {
    let doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
    let mut doc = doc.with_actor(ActorId::from([0]));
    let mut tx = doc.transaction();
    tx.put_object(ROOT, "text", ObjType::Text).unwrap();
    tx.commit_with(CommitOptions::default().with_time(0));
    doc.with_actor(actor(hex))
}

fn actor(hex: &str) -> ActorId {
    ActorId::try_from(hex).unwrap()
}

/// A replica from what was stored.
fn load(hex: &str, stored: &[u8]) -> Automerge {
    let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
    Automerge::load_with_options(stored, options).unwrap().with_actor(actor(hex))
}
