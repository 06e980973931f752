//! What a package is made of.

use units::{
    ArealThermalResistance, Celsius, HeatFlux, HeatTransferCoefficient, Kelvin, Meters,
    ThermalConductivity, VolumetricHeatCapacity, Watts,
};

use crate::coolant::Cavity;

/// A rectangle in the plane, from its lower left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Distance from the left edge of the stack.
    pub x: Meters,
    /// Distance from its lower edge.
    pub y: Meters,
    /// Extent across.
    pub width: Meters,
    /// Extent up.
    pub height: Meters,
}

impl Rect {
    /// From the lower left corner and the extents.
    pub const fn new(x: Meters, y: Meters, width: Meters, height: Meters) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Its area in square metres.
    pub fn area_m2(&self) -> f64 {
        self.width.value() * self.height.value()
    }

    /// Length in metres that two rectangles share across and up; negative where they are apart.
    pub(crate) fn overlap_m(&self, other: &Self) -> [f64; 2] {
        let shared = |a: Meters, da: Meters, b: Meters, db: Meters| {
            (a + da).min(b + db).value() - a.max(b).value()
        };
        [
            shared(self.x, self.width, other.x, other.width),
            shared(self.y, self.height, other.y, other.height),
        ]
    }
}

/// How a material conducts heat: `k(T) = k0 (T / T0)^-n` along each axis.
///
/// # Source
/// Facts of semiconductors: silicon falls as `T^-1.3` round room temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conductivity {
    /// Across.
    pub x: ThermalConductivity,
    /// Up.
    pub y: ThermalConductivity,
    /// From the bottom to the top.
    pub z: ThermalConductivity,
    /// Temperature `T0` at which the three are stated.
    pub reference: Kelvin,
    /// Exponent `n`; zero is a conductivity that does not depend on temperature.
    pub exponent: f64,
}

impl Conductivity {
    /// The factor on all three at a temperature.
    pub fn factor_at(&self, temperature: Kelvin) -> f64 {
        if self.exponent == 0.0 {
            1.0
        } else {
            (temperature.value() / self.reference.value()).powf(-self.exponent)
        }
    }
}

/// A solid.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Name.
    pub name: String,
    /// How it conducts.
    pub conductivity: Conductivity,
    /// Heat that a volume takes up.
    pub heat_capacity: VolumetricHeatCapacity,
}

impl Material {
    /// A material that conducts equally along all axes at all temperatures.
    pub fn isotropic(
        name: impl Into<String>,
        conductivity: ThermalConductivity,
        heat_capacity: VolumetricHeatCapacity,
    ) -> Self {
        Self {
            name: name.into(),
            conductivity: Conductivity {
                x: conductivity,
                y: conductivity,
                z: conductivity,
                reference: Kelvin::new(300.0),
                exponent: 0.0,
            },
            heat_capacity,
        }
    }
}

/// Position of a material in its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaterialId(pub(crate) usize);

impl MaterialId {
    /// The position.
    pub const fn index(self) -> usize {
        self.0
    }
}

/// A part of a layer: another material, a heat source, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Name, unique in the stack.
    pub name: String,
    /// Where it is: one or more rectangles that do not overlap.
    pub area: Vec<Rect>,
    /// What it is made of; that of its layer without it.
    pub material: Option<MaterialId>,
    /// Heat that it generates, even over its volume.
    pub power: Watts,
}

impl Block {
    /// A block of one rectangle, of the material of its layer.
    pub fn new(name: impl Into<String>, area: Rect, power: Watts) -> Self {
        Self {
            name: name.into(),
            area: vec![area],
            material: None,
            power,
        }
    }

    /// The same block of another material.
    #[must_use]
    pub fn of(mut self, material: MaterialId) -> Self {
        self.material = Some(material);
        self
    }
}

/// A layer over the whole area of the stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Name.
    pub name: String,
    /// Thickness.
    pub thickness: Meters,
    /// What it is made of where no block says otherwise; without it blocks have to tile the layer.
    pub material: Option<MaterialId>,
    /// Its blocks; they do not overlap.
    pub blocks: Vec<Block>,
    /// Sheets of cells into which it is cut, at least one.
    pub sheets: usize,
    /// Resistance of the contact with the layer above.
    pub contact: Option<ArealThermalResistance>,
    /// Coolant in it; then the material is that of its walls.
    pub cavity: Option<Cavity>,
}

impl Layer {
    /// A plain layer of one sheet of cells.
    pub fn new(name: impl Into<String>, thickness: Meters, material: MaterialId) -> Self {
        Self {
            name: name.into(),
            thickness,
            material: Some(material),
            blocks: Vec::new(),
            sheets: 1,
            contact: None,
            cavity: None,
        }
    }

    /// The same layer cut into sheets.
    #[must_use]
    pub fn cut(mut self, sheets: usize) -> Self {
        self.sheets = sheets;
        self
    }
}

/// What happens at a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// No heat passes.
    Adiabatic,
    /// Heat passes to a fluid: `q = h (T - ambient)`.
    Convection {
        /// Heat transfer coefficient `h`.
        coefficient: HeatTransferCoefficient,
        /// Temperature of the fluid.
        ambient: Celsius,
    },
    /// The face is held at a temperature.
    Temperature(Celsius),
    /// A given heat flux enters.
    Flux(HeatFlux),
}

/// A part of a face with a condition of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patch {
    /// Where it is.
    pub area: Rect,
    /// What happens there.
    pub condition: Condition,
}

/// The top or the bottom of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// What happens where no patch says otherwise.
    pub condition: Condition,
    /// Parts with conditions of their own, which do not overlap.
    pub patches: Vec<Patch>,
}

impl Face {
    /// One condition everywhere.
    pub const fn uniform(condition: Condition) -> Self {
        Self {
            condition,
            patches: Vec::new(),
        }
    }
}

/// A package: layers from the bottom to the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Extent across.
    pub width: Meters,
    /// Extent up.
    pub height: Meters,
    /// Its materials.
    pub materials: Vec<Material>,
    /// Its layers, lowest first.
    pub layers: Vec<Layer>,
    /// The upper face.
    pub top: Face,
    /// The lower face.
    pub bottom: Face,
}

impl Stack {
    /// A stack without layers whose faces pass no heat.
    pub const fn new(width: Meters, height: Meters) -> Self {
        Self {
            width,
            height,
            materials: Vec::new(),
            layers: Vec::new(),
            top: Face::uniform(Condition::Adiabatic),
            bottom: Face::uniform(Condition::Adiabatic),
        }
    }

    /// Adds a material.
    pub fn material(&mut self, material: Material) -> MaterialId {
        self.materials.push(material);
        MaterialId(self.materials.len() - 1)
    }

    /// Its whole area.
    pub const fn outline(&self) -> Rect {
        Rect::new(Meters::new(0.0), Meters::new(0.0), self.width, self.height)
    }

    /// Every block with the position of its layer, in the order of layers and blocks: the order of
    /// powers and sources everywhere.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &Block)> {
        let layers = self.layers.iter().enumerate();
        layers.flat_map(|(idx, layer)| layer.blocks.iter().map(move |block| (idx, block)))
    }
}
