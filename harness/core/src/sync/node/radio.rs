//! Which radio carries what.

use super::*;

impl Node {
    pub(super) fn active_link_number(&self) -> Option<usize> {
        (self.links_up != 0).then(|| self.links_up.trailing_zeros() as usize)
    }

    fn active_radio(&mut self) -> Option<(&mut Radios, &DeviceRadio, &LinkProfile)> {
        let link = self.active_link_number()?;
        let radio = self.kind.link_radios[link]?;
        let (model, link) = (&self.kind.device.radios[radio], &self.kind.links[link]);
        Some((&mut self.radios[radio], model, link))
    }

    /// When the radio is ready to send.
    pub(crate) fn send_by_radio(&mut self, now: Time, bytes: u64) -> Time {
        self.active_radio().map_or(now, |(radio, model, link)| {
            radio.send(model, now, Packets::of_stream(bytes).wire_bytes(), link.up.rate).starts
        })
    }

    /// When the radio has taken in what arrives now.
    pub(super) fn receive_by_radio(&mut self, now: Time, wire_bytes: u64) -> Time {
        self.active_radio().map_or(now, |(radio, model, link)| {
            radio.receive(model, now, wire_bytes, link.down.rate).starts
        })
    }
}
