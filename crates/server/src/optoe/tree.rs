//! Which files there are and how they are numbered.

use crate::managed::DeviceInfo;

use super::driver::Setting;

const ROOT: u64 = 1;
const I2C: u64 = 2;
const BY_NAME: u64 = 3;
const PRESENCE: u64 = 4;
/// Devices begin here, each with as many numbers as there are kinds of nodes.
const FIRST: u64 = 16;
const PER_DEVICE: u64 = 16;

/// A directory, file or link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Root,
    I2c,
    ByName,
    Presence,
    /// Something of the device at this place.
    Of(usize, Part),
}

/// What there is of each device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Directory,
    Eeprom,
    Number(Setting),
    Class,
    Name,
    Link,
    Present,
}

/// All parts, in the order of their numbers.
const PARTS: [Part; 9] = [
    Part::Directory,
    Part::Eeprom,
    Part::Number(Setting::WriteMax),
    Part::Number(Setting::WriteTimeout),
    Part::Number(Setting::MaxBankSize),
    Part::Class,
    Part::Name,
    Part::Link,
    Part::Present,
];

/// The files in the directory of a device.
const FILES: [(&str, Part); 6] = [
    ("eeprom", Part::Eeprom),
    ("write_max", Part::Number(Setting::WriteMax)),
    ("write_timeout", Part::Number(Setting::WriteTimeout)),
    ("max_bank_size", Part::Number(Setting::MaxBankSize)),
    ("dev_class", Part::Class),
    ("name", Part::Name),
];

impl Node {
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Root => ROOT,
            Self::I2c => I2C,
            Self::ByName => BY_NAME,
            Self::Presence => PRESENCE,
            Self::Of(device, part) => {
                let place = PARTS.iter().position(|&other| other == part);
                let place = place.expect("all parts are listed");
                FIRST + device as u64 * PER_DEVICE + place as u64
            }
        }
    }

    pub(super) fn from_number(number: u64, devices: &[DeviceInfo]) -> Option<Self> {
        match number {
            ROOT => return Some(Self::Root),
            I2C => return Some(Self::I2c),
            BY_NAME => return Some(Self::ByName),
            PRESENCE => return Some(Self::Presence),
            _ => {}
        }
        let beyond = number.checked_sub(FIRST)?;
        let device = usize::try_from(beyond / PER_DEVICE).ok()?;
        let place = usize::try_from(beyond % PER_DEVICE).ok()?;
        devices.get(device)?;
        Some(Self::Of(device, *PARTS.get(place)?))
    }

    pub(super) fn parent(self) -> Self {
        match self {
            Self::Root | Self::I2c | Self::ByName | Self::Presence => Self::Root,
            Self::Of(_, Part::Directory) => Self::I2c,
            Self::Of(_, Part::Link) => Self::ByName,
            Self::Of(_, Part::Present) => Self::Presence,
            Self::Of(device, _) => Self::Of(device, Part::Directory),
        }
    }

    pub(super) fn is_directory(self) -> bool {
        !matches!(self, Self::Of(_, part) if part != Part::Directory)
    }

    /// What is in a directory; nothing when it is none.
    pub(super) fn children(self, devices: &[DeviceInfo]) -> Vec<(String, Self)> {
        let of_each = |name: fn(&DeviceInfo) -> String, part| {
            let devices = devices.iter().enumerate();
            devices
                .map(|(device, info)| (name(info), Self::Of(device, part)))
                .collect()
        };
        match self {
            Self::Root => vec![
                ("i2c".to_owned(), Self::I2c),
                ("by-name".to_owned(), Self::ByName),
                ("presence".to_owned(), Self::Presence),
            ],
            Self::I2c => of_each(|info| directory_name(*info), Part::Directory),
            Self::ByName => of_each(DeviceInfo::to_string, Part::Link),
            Self::Presence => of_each(DeviceInfo::to_string, Part::Present),
            Self::Of(device, Part::Directory) => FILES
                .map(|(name, part)| (name.to_owned(), Self::Of(device, part)))
                .to_vec(),
            Self::Of(..) => Vec::new(),
        }
    }

    /// What has that name in a directory.
    pub(super) fn child(self, name: &str, devices: &[DeviceInfo]) -> Option<Self> {
        let mut children = self.children(devices).into_iter();
        children
            .find(|(other, _)| other == name)
            .map(|(_, child)| child)
    }
}

/// Of a device in `i2c`.
pub(super) fn directory_name(info: DeviceInfo) -> String {
    format!("{}-0050", info.bus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeviceKind;

    #[test]
    fn every_node_is_found_by_its_number_and_its_name() {
        let device = |kind, index, bus| DeviceInfo {
            kind,
            index,
            bus,
            banks: 4,
        };
        let devices = [
            device(DeviceKind::Engine, 0, 10),
            device(DeviceKind::Laser, 0, 11),
        ];
        let mut n_found = 0;
        let mut left = vec![Node::Root];
        while let Some(node) = left.pop() {
            n_found += 1;
            assert_eq!(Node::from_number(node.number(), &devices), Some(node));
            for (name, child) in node.children(&devices) {
                assert_eq!(child.parent(), node);
                assert_eq!(node.child(&name, &devices), Some(child));
                left.push(child);
            }
        }
        assert_eq!(n_found, 4 + 2 * PARTS.len());
        for number in [0, 5, 15, FIRST + 9, FIRST + 2 * PER_DEVICE, u64::MAX] {
            assert_eq!(Node::from_number(number, &devices), None, "{number}");
        }
    }
}
