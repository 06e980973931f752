//! Closed sets whose members have a code in the binary form and a name in the JSON form.

/// Declares an enum with `ALL`, `code`, `name`, `from_code` and `from_name` from one table.
/// Codes are never reused.
macro_rules! coded {
    (
        $(#[$meta:meta])* $type:ident: $code_type:ident;
        $($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $name:literal;)+
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $type { $($(#[doc = $doc])+ $variant = $code,)+ }

        impl $type {
            /// Every member, in order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code in the binary form.
            pub const fn code(self) -> $code_type {
                match self { $(Self::$variant => $code),+ }
            }

            /// The name in the JSON form.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The member with this code.
            pub const fn from_code(code: $code_type) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The member with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use coded;
