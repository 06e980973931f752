//! Where dies and engines lie in a package.

use system::System;
use system::parts::{Integration, PackageStack};
use thermal::Rect;
use units::Meters;

use super::HeatFault;

/// An engine of a package with the places of its dies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seat {
    /// Position of the engine among those of its package.
    pub(super) place: usize,
    /// Its outline.
    pub(super) outline: Rect,
    /// Its photonic die.
    pub(super) photonic: Rect,
    /// Its electronic die.
    pub(super) electronic: Rect,
    /// Whether the electronic die lies on the photonic one.
    pub(super) is_stacked: bool,
}

/// One package: all packages of a system hold the same, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// Outline of the package.
    pub(super) outline: Rect,
    /// The switch dies, in the order of the package.
    pub(super) dies: Vec<Rect>,
    /// The engines.
    pub(super) seats: Vec<Seat>,
}

/// Sides of a package, in the order of [`system::Package::engines_by_side`].
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Bottom,
    Top,
    Left,
    Right,
}

const SIDES: [Side; 4] = [Side::Bottom, Side::Top, Side::Left, Side::Right];

fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect::new(
        Meters::new(x),
        Meters::new(y),
        Meters::new(width),
        Meters::new(height),
    )
}

/// Positions of the dies and engines of one package.
pub(super) type Members = (Vec<usize>, Vec<usize>);

/// The parts of each package: dies in order, and the engines that serve them.
///
/// # Errors
/// Packages that differ.
pub(super) fn members(system: &System) -> Result<Vec<Members>, HeatFault> {
    let n_packages = (system.description.package.count as usize).max(1);
    let n_dies = system.asics.len();
    if !n_dies.is_multiple_of(n_packages) {
        return Err(HeatFault::Uneven {
            what: "dies",
            n: n_dies,
            packages: n_packages,
        });
    }
    let per_package = n_dies / n_packages;
    let package_of = |asic: usize| asic / per_package.max(1);
    let mut packages: Vec<Members> = (0..n_packages)
        .map(|p| {
            (
                (p * per_package..(p + 1) * per_package).collect(),
                Vec::new(),
            )
        })
        .collect();
    let mut n_inside = 0;
    for (idx, engine) in system.engines.iter().enumerate() {
        let part = &system.description.engine[engine.group].value;
        if part.integration.is_in_package() {
            packages[package_of(engine.asic.index())].1.push(idx);
            n_inside += 1;
        }
    }
    let alike = |engines: &[usize]| -> Vec<usize> {
        engines
            .iter()
            .map(|idx| system.engines[*idx].group)
            .collect()
    };
    let first = alike(&packages[0].1);
    if packages.iter().any(|(_, engines)| alike(engines) != first) {
        return Err(HeatFault::Uneven {
            what: "engines",
            n: n_inside,
            packages: n_packages,
        });
    }
    Ok(packages)
}

impl Layout {
    /// Places the parts of one package: the dies side by side in its middle, the engines round them
    /// in rows along the sides that the shoreline needs.
    ///
    /// A row below or above moves outwards where the rows at the left and at the right are longer
    /// than the dies.
    ///
    /// # Errors
    /// Engines without an outline, or that do not fit.
    pub(super) fn new(
        system: &System,
        dies: &[usize],
        engines: &[usize],
        stack: &PackageStack,
    ) -> Result<Self, HeatFault> {
        let package = &system.description.package;
        let (width, height) = (package.width.value.value(), package.height.value.value());
        let gap = stack.engine_gap.value.value();
        let share = stack.electronic_die_area.as_ref();
        let share = share.map(|share| share.value.value());
        let centre = (width / 2.0, height / 2.0);
        let (placed, core) = place_dies(system, dies, centre, gap)?;
        let sizes: Vec<(f64, f64)> = engines
            .iter()
            .map(|idx| engine_size(system, *idx))
            .collect::<Result<_, _>>()?;
        let by_side = package.engines_by_side(engines.len());
        let n_sides = by_side.len();
        // Rows at the left and right reach as far as their engines; the others stay clear of them.
        let row_length = |from: usize, n: usize| -> f64 {
            sizes[from..from + n].iter().map(|(edge, _)| edge).sum()
        };
        let mut start = Vec::new();
        let mut next = 0;
        for n in &by_side {
            start.push(next);
            next += n;
        }
        let column = (2..n_sides)
            .map(|side| row_length(start[side], by_side[side]))
            .fold(0.0, f64::max);
        let (core_width, core_height) = (core.width.value(), core.height.value());
        let from_die = gap.max((column - core_height) / 2.0);
        let mut seats = Vec::new();
        for (place, side) in SIDES.iter().enumerate().take(n_sides) {
            let members = start[place]..start[place] + by_side[place];
            let n = members.len();
            let length = row_length(start[place], n);
            let room = match side {
                Side::Bottom | Side::Top => width,
                Side::Left | Side::Right => core_height + 2.0 * from_die,
            };
            let spacing = if n > 0 {
                (room - length) / n as f64
            } else {
                0.0
            };
            let mut along = -room / 2.0 + spacing / 2.0;
            for idx in members {
                let (edge, depth) = sizes[idx];
                let outline = match side {
                    Side::Bottom => rect(
                        centre.0 + along,
                        centre.1 - core_height / 2.0 - from_die - depth,
                        edge,
                        depth,
                    ),
                    Side::Top => rect(
                        centre.0 + along,
                        centre.1 + core_height / 2.0 + from_die,
                        edge,
                        depth,
                    ),
                    Side::Left => rect(
                        centre.0 - core_width / 2.0 - gap - depth,
                        centre.1 + along,
                        depth,
                        edge,
                    ),
                    Side::Right => rect(
                        centre.0 + core_width / 2.0 + gap,
                        centre.1 + along,
                        depth,
                        edge,
                    ),
                };
                along += edge + spacing;
                let group = system.engines[engines[idx]].group;
                let integration = system.description.engine[group].value.integration;
                seats.push(seat(idx, outline, *side, integration, share)?);
            }
        }
        let layout = Self {
            outline: rect(0.0, 0.0, width, height),
            dies: placed,
            seats,
        };
        layout.check(system, dies, engines)?;
        Ok(layout)
    }

    /// Square of the distance of the middle of a part from the centre of the package, m^2.
    pub(super) fn centre_distance_m2(&self, part: &Rect) -> f64 {
        let (width, height) = (self.outline.width.value(), self.outline.height.value());
        let x = part.x.value() + part.width.value() / 2.0 - width / 2.0;
        let y = part.y.value() + part.height.value() / 2.0 - height / 2.0;
        x * x + y * y
    }

    /// Square of the distance of a corner from the centre, m^2.
    pub(super) fn corner_m2(&self) -> f64 {
        let (width, height) = (self.outline.width.value(), self.outline.height.value());
        (width * width + height * height) / 4.0
    }

    fn check(&self, system: &System, dies: &[usize], engines: &[usize]) -> Result<(), HeatFault> {
        let (width, height) = (self.outline.width.value(), self.outline.height.value());
        let reaches_out = |rect: &Rect| {
            let (x1, y1) = (rect.x + rect.width, rect.y + rect.height);
            rect.x.value() < 0.0
                || rect.y.value() < 0.0
                || x1.value() > width
                || y1.value() > height
        };
        let names = dies.iter().map(|idx| &system.asics[*idx].name);
        let seats = self.seats.iter();
        let seats = seats.map(|seat| (&system.engines[engines[seat.place]].name, &seat.outline));
        for (name, rect) in names.zip(&self.dies).chain(seats) {
            if reaches_out(rect) {
                return Err(HeatFault::DoesNotFit {
                    part: name.clone(),
                    x: rect.x,
                    y: rect.y,
                    width: self.outline.width,
                    height: self.outline.height,
                });
            }
        }
        Ok(())
    }
}

fn engine_size(system: &System, idx: usize) -> Result<(f64, f64), HeatFault> {
    let entity = &system.engines[idx];
    let group = &system.description.engine[entity.group];
    let part = &group.value;
    match (&part.edge_width, &part.depth) {
        (Some(edge), Some(depth)) => Ok((edge.value.value(), depth.value.value())),
        (edge, _) => Err(HeatFault::Missing {
            what: if edge.is_none() {
                "edge_width"
            } else {
                "depth"
            },
            of: format!("engine.{}", group.name),
        }),
    }
}

/// The dies side by side, in as square an arrangement as their number allows, and what they cover
/// with what lies between them.
fn place_dies(
    system: &System,
    dies: &[usize],
    centre: (f64, f64),
    gap: f64,
) -> Result<(Vec<Rect>, Rect), HeatFault> {
    let Some(first) = dies.first() else {
        return Err(HeatFault::Missing {
            what: "a die",
            of: "the package".to_owned(),
        });
    };
    let part = |idx: usize| &system.description.asic[system.asics[idx].group].value;
    let (width, height) = (
        part(*first).width.value.value(),
        part(*first).height.value.value(),
    );
    let mut across = 1;
    while across * across < dies.len() {
        across += 1;
    }
    let up = dies.len().div_ceil(across);
    // Dies of one package stand as near to each other as an engine does to a die.
    let (nx, ny) = (across as f64, up as f64);
    let whole = (
        nx * width + (nx - 1.0) * gap,
        ny * height + (ny - 1.0) * gap,
    );
    let corner = (centre.0 - whole.0 / 2.0, centre.1 - whole.1 / 2.0);
    let placed = dies
        .iter()
        .enumerate()
        .map(|(place, idx)| {
            let (i, j) = ((place % across) as f64, (place / across) as f64);
            let die = part(*idx);
            rect(
                corner.0 + i * (width + gap),
                corner.1 + j * (height + gap),
                die.width.value.value(),
                die.height.value.value(),
            )
        })
        .collect();
    Ok((placed, rect(corner.0, corner.1, whole.0, whole.1)))
}

/// The dies of an engine. The photonic die lies at the edge of the package, where its fibres leave,
/// and the electronic one takes its share of the area at the inner side: beside it, or stacked on
/// it.
fn seat(
    place: usize,
    outline: Rect,
    side: Side,
    integration: Integration,
    electronic_share: Option<f64>,
) -> Result<Seat, HeatFault> {
    let is_stacked = integration == Integration::ThreeD;
    let inner = match (electronic_share, is_stacked) {
        (None, true) => 1.0,
        (Some(share), _) if share < 1.0 || is_stacked => share,
        (_, _) => {
            return Err(HeatFault::Missing {
                what: "electronic_die_area below one, for dies side by side",
                of: "package.stack".to_owned(),
            });
        }
    };
    let (x, y) = (outline.x.value(), outline.y.value());
    let (w, h) = (outline.width.value(), outline.height.value());
    let outer = 1.0 - inner;
    let (beside, electronic) = match side {
        Side::Bottom => (
            rect(x, y, w, h * outer),
            rect(x, y + h * outer, w, h * inner),
        ),
        Side::Top => (
            rect(x, y + h * inner, w, h * outer),
            rect(x, y, w, h * inner),
        ),
        Side::Left => (
            rect(x, y, w * outer, h),
            rect(x + w * outer, y, w * inner, h),
        ),
        Side::Right => (
            rect(x + w * inner, y, w * outer, h),
            rect(x, y, w * inner, h),
        ),
    };
    Ok(Seat {
        place,
        outline,
        photonic: if is_stacked { outline } else { beside },
        electronic,
        is_stacked,
    })
}
