//! What Automerge itself does, where the adapter has to know. When one of these
//! fails after an upgrade, the adapter's answer to it can be looked at again.

use automerge::sync::{Message, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{
    ActorId, Automerge, Change, LoadOptions, ObjId, ObjType, ROOT, ReadDoc, TextEncoding,
};

fn document(actor: u8) -> Automerge {
    Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit).with_actor(ActorId::from([actor; 16]))
}

fn put(document: &mut Automerge, key: &str, value: i64) -> Change {
    let mut transaction = document.transaction();
    transaction.put(ROOT, key, value).unwrap();
    transaction.commit();
    document.get_last_local_change().unwrap()
}

fn text(document: &mut Automerge, content: &str) -> ObjId {
    let mut transaction = document.transaction();
    let text = transaction.put_object(ROOT, "text", ObjType::Text).unwrap();
    transaction.splice_text(&text, 0, 0, content).unwrap();
    transaction.commit();
    text
}

/// One message each way, until both are silent or `rounds` are over.
fn talk(
    (one, of_one): (&mut Automerge, &mut State),
    (other, of_other): (&mut Automerge, &mut State),
    rounds: usize,
) -> Option<usize> {
    for round in 0..rounds {
        let there = one.generate_sync_message(of_one);
        let back = other.generate_sync_message(of_other);
        if there.is_none() && back.is_none() {
            return Some(round);
        }
        there.into_iter().for_each(|it| other.receive_sync_message(of_other, it).unwrap());
        back.into_iter().for_each(|it| one.receive_sync_message(of_one, it).unwrap());
    }
    None
}

#[test]
fn a_reset_is_said_again_and_again() {
    let (mut one, mut other) = (document(1), document(2));
    put(&mut one, "a", 1);
    let mut of_one = State { shared_heads: one.get_heads(), ..State::new() };
    let message = one.generate_sync_message(&mut of_one).unwrap();
    let mut of_other = State::new();
    other.receive_sync_message(&mut of_other, message).unwrap();
    let resets: Vec<Message> =
        (0..10).filter_map(|_| other.generate_sync_message(&mut of_other)).collect();
    assert_eq!(resets.len(), 10);
    assert!(resets.iter().all(|reset| *reset == resets[0]));
    assert!(!of_other.in_flight);
}

/// A common version that neither side has: a flipped bit in a stored state.
#[test]
fn an_unknown_common_version_never_heals() {
    let (mut one, mut other) = (document(1), document(2));
    put(&mut one, "a", 1);
    put(&mut other, "b", 1);
    let mut damaged = State { shared_heads: one.get_heads(), ..State::new() }.encode();
    *damaged.last_mut().unwrap() ^= 1;
    let mut of_one = State::decode(&damaged).unwrap();
    let mut of_other = State::new();
    assert_eq!(talk((&mut one, &mut of_one), (&mut other, &mut of_other), 1000), None);
    assert_ne!(one.get_heads(), other.get_heads());
}

#[test]
fn load_incremental_swallows_damage() {
    let (mut one, mut other) = (document(1), document(2));
    put(&mut other, "x", 1);
    let (first, second) = (put(&mut one, "a", 1), put(&mut one, "b", 1));
    let mut bytes = [first.raw_bytes(), second.raw_bytes()].concat();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(other.load_incremental(&bytes).is_ok());
    assert!(other.get(ROOT, "a").unwrap().is_some());
    assert!(other.get(ROOT, "b").unwrap().is_none());
}

#[test]
fn a_change_is_parsed_whatever_its_checksum() {
    let change = put(&mut document(1), "key", 1);
    let mut bytes = change.raw_bytes().to_vec();
    let key = bytes.windows(3).position(|window| window == b"key").unwrap();
    bytes[key] ^= 1;
    assert_ne!(Change::from_bytes(bytes).unwrap().hash(), change.hash());
}

#[test]
fn no_bytes_are_a_document() {
    assert!(Automerge::load_with_options(&[], LoadOptions::new()).unwrap().is_empty());
}

#[test]
fn save_after_forgets_what_waits() {
    let (mut one, mut other) = (document(1), document(2));
    put(&mut other, "x", 1);
    let (_, second) = (put(&mut one, "a", 1), put(&mut one, "b", 1));
    let whole = other.save();
    let heads = other.get_heads();
    other.apply_changes([second]).unwrap();
    assert_eq!(other.get_missing_deps(&[]).len(), 1);
    assert!(other.save_after(&heads).is_empty());
    assert!(other.save().len() > whole.len());
}

/// After the first exchange, one new change of three is more than a third.
#[test]
fn a_small_document_is_sent_whole() {
    let (mut one, mut other) = (document(1), document(2));
    let (mut of_one, mut of_other) = (State::new(), State::new());
    text(&mut one, &"abc ".repeat(1000));
    let sizes: Vec<usize> = (0..6)
        .map(|n| {
            talk((&mut one, &mut of_one), (&mut other, &mut of_other), 100).unwrap();
            put(&mut one, "a", n);
            let message = one.generate_sync_message(&mut of_one).unwrap();
            other.receive_sync_message(&mut of_other, message.clone()).unwrap();
            message.encode().len()
        })
        .collect();
    let (whole, alone): (Vec<usize>, Vec<usize>) = sizes.iter().partition(|size| **size > 250);
    assert_eq!((whole.len(), alone.len()), (1, 5), "{sizes:?}");
}

#[test]
fn a_lost_sequence_number_is_never_taken_again() {
    let (mut one, mut other) = (document(1), document(2));
    let before = one.clone();
    let lost = put(&mut one, "a", 1);
    other.apply_changes([lost]).unwrap();
    let mut again = before;
    let anew = put(&mut again, "a", 2);
    let error = other.apply_changes([anew]).unwrap_err();
    assert!(error.to_string().contains("duplicate seq 1"), "{error}");
}

#[test]
fn text_that_is_not_there_is_deleted_without_complaint() {
    let mut one = document(1);
    let text = text(&mut one, "abc");
    let mut transaction = one.transaction();
    transaction.splice_text(&text, 1, 100, "").unwrap();
    assert_eq!(transaction.text(&text).unwrap(), "a");
}

/// Inside a surrogate pair an insertion goes behind the character, and a
/// deletion takes the next one.
#[test]
fn surrogate_pairs_stay_whole() {
    let mut one = document(1);
    let text = text(&mut one, "a😀bc");
    let mut transaction = one.transaction();
    transaction.splice_text(&text, 2, 0, "x").unwrap();
    assert_eq!(transaction.text(&text).unwrap(), "a😀xbc");
    transaction.splice_text(&text, 2, 1, "").unwrap();
    assert_eq!(transaction.text(&text).unwrap(), "a😀bc");
}

#[test]
#[should_panic(expected = "divisor of zero")]
fn a_bloom_filter_of_no_bits_divides_by_zero() {
    let mut one = document(1);
    put(&mut one, "a", 1);
    // Version 1, no heads, no needs; one "have": no common version and a filter
    // of one entry with zero bits and seven probes; no changes.
    let hostile = [0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0];
    let mut state = State::new();
    one.receive_sync_message(&mut state, Message::decode(&hostile).unwrap()).unwrap();
    one.generate_sync_message(&mut state);
}
