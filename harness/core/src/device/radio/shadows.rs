//! One radio under three models: the one that times come from, and those that
//! give the low and the high end of its energy.

use super::energy::RadioEnergy;
use super::machine::{Airtime, Radio};
use crate::profile::{DeviceRadio, RadioProfile};
use crate::time::Time;
use crate::units::BitsPerSecond;

/// The energy of one radio under three models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RadioEnergyRange {
    /// Under the model that times come from.
    pub nominal: RadioEnergy,
    /// Under the model for the low end.
    pub low: RadioEnergy,
    /// Under the model for the high end.
    pub high: RadioEnergy,
}

/// A radio with two shadows that get the same transfers at the same times but
/// promote, transfer and linger as the models for the low and the high end of
/// its energy say. Times come from the first alone.
///
/// A device has many radios and uses few: they take memory from the first
/// transfer or switching on, and a shadow only where its model is another one.
/// The same [`DeviceRadio`] must be given at each call.
#[derive(Clone, Debug, Default)]
pub struct Radios {
    machines: Option<Box<Machines>>,
}

#[derive(Clone, Debug, Default)]
struct Machines {
    nominal: Radio,
    low: Option<Box<Radio>>,
    high: Option<Box<Radio>>,
    used: bool,
}

impl Radios {
    /// Radios that have been on and idle since [`Time::ZERO`].
    pub fn new() -> Self {
        Self::default()
    }

    /// See [`Radio::send`].
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn send(
        &mut self,
        radio: &DeviceRadio,
        now: Time,
        bytes: u64,
        rate: BitsPerSecond,
    ) -> Airtime {
        self.each(radio, |machine, profile| machine.send(profile, now, bytes, rate))
    }

    /// See [`Radio::receive`].
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn receive(
        &mut self,
        radio: &DeviceRadio,
        now: Time,
        bytes: u64,
        rate: BitsPerSecond,
    ) -> Airtime {
        self.each(radio, |machine, profile| machine.receive(profile, now, bytes, rate))
    }

    /// See [`Radio::switch_off`].
    pub fn switch_off(&mut self, now: Time) {
        self.machines.get_or_insert_default().all().for_each(|machine| machine.switch_off(now));
    }

    /// See [`Radio::switch_on`].
    pub fn switch_on(&mut self, now: Time) {
        self.machines.get_or_insert_default().all().for_each(|machine| machine.switch_on(now));
    }

    /// See [`Radio::energy`].
    pub fn energy(&self, radio: &DeviceRadio, until: Time) -> RadioEnergyRange {
        // Without a shadow, the model is the same or there was no transfer yet;
        // either way the nominal machine's past is the shadow's as well.
        let unused = Machines::default();
        let Machines { nominal, low, high, .. } = self.machines.as_deref().unwrap_or(&unused);
        let of = |shadow: &Option<Box<Radio>>, profile: &RadioProfile| {
            shadow.as_deref().unwrap_or(nominal).energy(profile, until)
        };
        RadioEnergyRange {
            nominal: nominal.energy(&radio.model, until),
            low: of(low, &radio.low),
            high: of(high, &radio.high),
        }
    }

    /// See [`Radio::wakeups`].
    pub fn wakeups(&self) -> u32 {
        self.machines.as_ref().map_or(0, |machines| machines.nominal.wakeups())
    }

    fn each(
        &mut self,
        radio: &DeviceRadio,
        mut transfer: impl FnMut(&mut Radio, &RadioProfile) -> Airtime,
    ) -> Airtime {
        let Machines { nominal, low, high, used } = &mut **self.machines.get_or_insert_default();
        if !*used {
            *used = true;
            let shadow = |profile: &RadioProfile| {
                (*profile != radio.model).then(|| Box::new(nominal.clone()))
            };
            (*low, *high) = (shadow(&radio.low), shadow(&radio.high));
        }
        for (shadow, profile) in [(low, &radio.low), (high, &radio.high)] {
            if let Some(shadow) = shadow {
                transfer(shadow, profile);
            }
        }
        transfer(nominal, &radio.model)
    }
}

impl Machines {
    fn all(&mut self) -> impl Iterator<Item = &mut Radio> {
        let shadows = [&mut self.low, &mut self.high].into_iter().flatten();
        std::iter::once(&mut self.nominal).chain(shadows.map(Box::as_mut))
    }
}
