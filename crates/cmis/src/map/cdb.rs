//! Pages 9Fh to AFh: the command data block (CDB), by which hosts give commands and firmware.

/// Page 9Fh: a command, its reply, and their local payload.
pub mod message {
    use crate::map::codes;
    use crate::register::{Feature, Register, at};

    crate::map::registers! { 0x9F;
        /// Which command. A write of its second byte starts it.
        CMD_ID = "CMDID", at(128).unsigned(2).rw().of(Feature::Cdb);
        /// Bytes of extended payload.
        EPL_LENGTH = "EPLLength", at(130).unsigned(2).rw().of(Feature::Cdb);
        /// Bytes of local payload.
        LPL_LENGTH = "LPLLength", at(132).rw().of(Feature::Cdb);
        /// FFh less the low byte of the sum of bytes 128 to 132 and of the payload.
        CDB_CHK_CODE = "CdbChkCode", at(133).rw().of(Feature::Cdb);
        /// Bytes of the reply.
        RPL_LENGTH = "RPLLength", at(134).rw().of(Feature::Cdb);
        /// FFh less the low byte of the sum of the reply.
        RPL_CHK_CODE = "RPLChkCode", at(135).rw().of(Feature::Cdb);
        /// Payload of the command, then of the reply.
        LPL = "LPL", at(136).raw(120).rw().of(Feature::Cdb);
        /// Reply to 0100h: image A runs.
        IMAGE_A_RUNNING = "OperationalStatusA", at(136).bit(0).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: image A is the one that starts.
        IMAGE_A_COMMITTED = "AdministrativeStatusA", at(136).bit(1).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: image A cannot run.
        IMAGE_A_INVALID = "ValidityStatusA", at(136).bit(2).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: image B runs.
        IMAGE_B_RUNNING = "OperationalStatusB", at(136).bit(4).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: image B is the one that starts.
        IMAGE_B_COMMITTED = "AdministrativeStatusB", at(136).bit(5).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: image B cannot run.
        IMAGE_B_INVALID = "ValidityStatusB", at(136).bit(6).overlay().rw().of(Feature::Cdb);
        /// Reply to 0000h: whose password is accepted.
        QUERY_STATUS = "QueryStatus", at(137).codes(codes::CDB_QUERY_STATUS).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: a bit each for the versions that follow, of images A, B and the factory's.
        IMAGE_VERSIONS_PRESENT = "ImageInformation", at(137).bits(2, 0).overlay().rw().of(Feature::Cdb);
        /// Reply to 0041h: longest durations are ten times what they say.
        MAX_DURATION_CODING = "MaxDurationCoding", at(137).bit(3).overlay().rw().of(Feature::Cdb);
        /// Reply to 0041h: a download can be aborted.
        ABORT_SUPPORTED = "AbortCmdSupported", at(137).bit(0).overlay().rw().of(Feature::Cdb);
        /// Reply to 0041h: bytes of the header that a download starts with.
        START_PAYLOAD_SIZE = "StartCmdPayloadSize", at(138).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: major version of image A.
        IMAGE_A_MAJOR = "ImageAMajor", at(138).overlay().rw().of(Feature::Cdb);
        /// Reply to 0041h: what erased memory holds.
        ERASED_BYTE = "ErasedByte", at(139).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: minor version of image A.
        IMAGE_A_MINOR = "ImageAMinor", at(139).overlay().rw().of(Feature::Cdb);
        /// Reply to 0041h: eight times this and one more is how many bytes a block may have.
        READ_WRITE_LENGTH_EXTENSION = "ReadWriteLengthExt", at(140).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: build of image A.
        IMAGE_A_BUILD = "ImageABuild", at(140).unsigned(2).overlay().rw().of(Feature::Cdb);
        /// Reply to 0041h: how an image is written.
        WRITE_MECHANISM = "WriteMechanism", at(141).codes(codes::CDB_MECHANISMS).overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0041h: how an image is read.
        READ_MECHANISM = "ReadMechanism", at(142).codes(codes::CDB_MECHANISMS).overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0041h: longest time of a start.
        MAX_DURATION_START = "MaxDurationStart", at(144).unsigned(2).scaled(1.0, "ms").overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0041h: longest time of an abortion.
        MAX_DURATION_ABORT = "MaxDurationAbort", at(146).unsigned(2).scaled(1.0, "ms").overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0041h: longest time of a block.
        MAX_DURATION_WRITE = "MaxDurationWrite", at(148).unsigned(2).scaled(1.0, "ms").overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0041h: longest time of completion.
        MAX_DURATION_COMPLETE = "MaxDurationComplete", at(150).unsigned(2).scaled(1.0, "ms").overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0041h: longest time of a copy.
        MAX_DURATION_COPY = "MaxDurationCopy", at(152).unsigned(2).scaled(1.0, "ms").overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0040h: longest time of any command.
        MAX_COMPLETION_TIME = "MaxCompletionTime", at(170).unsigned(2).scaled(1.0, "ms").overlay().rw()
            .of(Feature::Cdb);
        /// Reply to 0100h: major version of image B.
        IMAGE_B_MAJOR = "ImageBMajor", at(174).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: minor version of image B.
        IMAGE_B_MINOR = "ImageBMinor", at(175).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: build of image B.
        IMAGE_B_BUILD = "ImageBBuild", at(176).unsigned(2).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: major version of the factory's image.
        FACTORY_MAJOR = "FactoryMajor", at(210).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: minor version of the factory's image.
        FACTORY_MINOR = "FactoryMinor", at(211).overlay().rw().of(Feature::Cdb);
        /// Reply to 0100h: build of the factory's image.
        FACTORY_BUILD = "FactoryBuild", at(212).unsigned(2).overlay().rw().of(Feature::Cdb);
    }

    /// What the payload of the reply to a command is; nothing where the map does not know it.
    pub const fn reply_to(command: u16) -> &'static [Register] {
        match command {
            0x0000 => &[QUERY_STATUS],
            0x0040 => &[MAX_COMPLETION_TIME],
            0x0041 => &[
                ABORT_SUPPORTED,
                MAX_DURATION_CODING,
                START_PAYLOAD_SIZE,
                ERASED_BYTE,
                READ_WRITE_LENGTH_EXTENSION,
                WRITE_MECHANISM,
                READ_MECHANISM,
                MAX_DURATION_START,
                MAX_DURATION_ABORT,
                MAX_DURATION_WRITE,
                MAX_DURATION_COMPLETE,
                MAX_DURATION_COPY,
            ],
            0x0100 => &[
                IMAGE_A_RUNNING,
                IMAGE_A_COMMITTED,
                IMAGE_A_INVALID,
                IMAGE_B_RUNNING,
                IMAGE_B_COMMITTED,
                IMAGE_B_INVALID,
                IMAGE_VERSIONS_PRESENT,
                IMAGE_A_MAJOR,
                IMAGE_A_MINOR,
                IMAGE_A_BUILD,
                IMAGE_B_MAJOR,
                IMAGE_B_MINOR,
                IMAGE_B_BUILD,
                FACTORY_MAJOR,
                FACTORY_MINOR,
                FACTORY_BUILD,
            ],
            _ => &[],
        }
    }
}

/// Pages A0h to AFh: extended payload.
pub mod payload {
    use crate::register::{Feature, at};

    crate::map::registers! { 0xA0;
        /// 128 of up to 2048 bytes.
        EPL = "EPL", at(128).raw(128).rw().of(Feature::Cdb);
    }
}
