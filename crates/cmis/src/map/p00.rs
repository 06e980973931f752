//! Page 00h: who made the module, and how it may be used.

use super::codes;
use crate::register::{Feature, at};

super::registers! { 0x00;
    /// The same as `SFF8024Identifier` in lower memory.
    IDENTIFIER_COPY = "SFF8024IdentifierCopy", at(128).codes(codes::IDENTIFIERS);
    /// Name of the vendor.
    VENDOR_NAME = "VendorName", at(129).text(16);
    /// Number of the vendor among makers of equipment, by IEEE.
    VENDOR_OUI = "VendorOUI", at(145).raw(3);
    /// Part number of the vendor.
    VENDOR_PN = "VendorPN", at(148).text(16);
    /// Revision of the part.
    VENDOR_REV = "VendorRev", at(164).text(2);
    /// Serial number.
    VENDOR_SN = "VendorSN", at(166).text(16);
    /// Day on which it was made: two digits each of year, month, day, and two characters of a lot.
    DATE_CODE = "DateCode", at(182).text(8);
    /// Code by which carriers know the equipment.
    CLEI_CODE = "CLEICode", at(190).text(10);
    /// Class of power.
    MODULE_POWER_CLASS = "ModulePowerClass", at(200).bits(7, 5).codes(codes::POWER_CLASSES);
    /// Most power that it draws.
    MAX_POWER = "MaxPower", at(201).scaled(0.25, "w");
    /// Unit of `BaseLength`.
    LENGTH_MULTIPLIER = "LengthMultiplier", at(202).bits(7, 6)
        .codes(&[(0, "0.1 m"), (1, "1 m"), (2, "10 m"), (3, "100 m")]);
    /// Length of a cable that belongs to the module, in units of `LengthMultiplier`.
    BASE_LENGTH = "BaseLength", at(202).bits(5, 0);
    /// Kind of connector.
    CONNECTOR_TYPE = "ConnectorType", at(203).codes(codes::CONNECTORS);
    /// Attenuation of a passive copper cable at 5 GHz.
    ATTENUATION_5_GHZ = "AttenuationAt5GHz", at(204).scaled(1.0, "db").of(Feature::DataPaths);
    /// Attenuation of a passive copper cable at 7 GHz.
    ATTENUATION_7_GHZ = "AttenuationAt7GHz", at(205).scaled(1.0, "db").of(Feature::DataPaths);
    /// Attenuation of a passive copper cable at 12.9 GHz.
    ATTENUATION_12_9_GHZ = "AttenuationAt12p9GHz", at(206).scaled(1.0, "db").of(Feature::DataPaths);
    /// Attenuation of a passive copper cable at 25.8 GHz.
    ATTENUATION_25_8_GHZ = "AttenuationAt25p8GHz", at(207).scaled(1.0, "db").of(Feature::DataPaths);
    /// Optical lanes that the module has not got.
    MEDIA_LANE_UNSUPPORTED = "MediaLaneUnsupported", at(210).each_bit(8);
    /// How the far end of a cable breaks out.
    FAR_END_CONFIGURATION = "FarEndConfiguration", at(211).bits(4, 0);
    /// What makes or modulates the light.
    MEDIA_INTERFACE_TECHNOLOGY = "MediaInterfaceTechnology", at(212).codes(codes::MEDIA_TECHNOLOGIES);
    /// A byte of the vendor's.
    CUSTOM = "Custom", at(221);
    /// Low byte of the sum of bytes 128 to 221.
    PAGE_CHECKSUM = "PageChecksum", at(222);
    /// Bytes of the vendor's that keep what they hold.
    CUSTOM_INFO_NV = "CustomInfoNV", at(223).raw(33);
}
