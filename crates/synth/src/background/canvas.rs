//! What backgrounds are painted on, and the lens that they are seen through.

use glam::{Vec2, Vec3, Vec3A};

/// Discs of the lens are at most so wide on the canvas, in pixels: a wider one is drawn on a coarser canvas.
const WIDEST_DISC: f32 = 3.0;

/// A picture being painted. Places are in heights of the picture, y down, with the origin in its middle; the canvas is
/// a little larger than the picture, so that the lens has something to blur at the border.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    /// Pixels for each height of the picture.
    scale: f32,
    /// Where the corner of the first pixel is.
    low: Vec2,
    pixels: Vec<Vec3A>,
}

/// How a picture is laid on a canvas.
pub(super) struct Lens {
    width: usize,
    height: usize,
    /// Pixels of the picture for one of the canvas, at least 1.
    step: f32,
    /// Radius of the disc, in pixels of the canvas.
    radius: f32,
    margin: usize,
}

impl Lens {
    /// `blur` is the radius of the disc that a point becomes, in heights of the picture.
    pub(super) fn new(width: usize, height: usize, blur: f32) -> Self {
        // Half a pixel at least: what is painted has edges finer than that.
        let full = (blur * height as f32).max(0.7);
        let step = (full / WIDEST_DISC).max(1.0);
        let radius = full / step;
        Self { width, height, step, radius, margin: radius.ceil() as usize + 1 }
    }

    /// A black canvas of which the picture shows `zoom` heights around `centre`.
    pub(super) fn canvas(&self, centre: Vec2, zoom: f32) -> Canvas {
        let size = |pixels: usize| (pixels as f32 / self.step).ceil() as usize + 1 + 2 * self.margin;
        let (width, height) = (size(self.width), size(self.height));
        let scale = self.height as f32 / self.step / zoom;
        let picture = Vec2::new(self.width as f32, self.height as f32) / self.step;
        let low = centre - (picture / 2.0 + Vec2::splat(self.margin as f32)) / scale;
        Canvas { width, height, scale, low, pixels: vec![Vec3A::ZERO; width * height] }
    }

    /// What the lens makes of a canvas: every point becomes a disc.
    pub(super) fn picture(&self, canvas: &Canvas) -> Vec<Vec3> {
        let blurred = self.blurred(canvas);
        let columns: Vec<(usize, f32)> = (0..self.width).map(|x| self.place(x)).collect();
        let mut picture = Vec::with_capacity(self.width * self.height);
        for y in 0..self.height {
            let (row, down) = self.place(y);
            let rows = [&blurred[row * canvas.width..], &blurred[(row + 1) * canvas.width..]];
            picture.extend(columns.iter().map(|&(column, right)| {
                let [above, below] = rows.map(|row| row[column].lerp(row[column + 1], right));
                Vec3::from(above.lerp(below, down).max(Vec3A::ZERO))
            }));
        }
        picture
    }

    /// The pixel of the canvas before the centre of a pixel of the picture, and the share of the next one.
    fn place(&self, at: usize) -> (usize, f32) {
        let place = (at as f32 + 0.5) / self.step - 0.5 + self.margin as f32;
        (place as usize, place.fract())
    }

    /// The disc is a stack of rows, and the sum of a row is the difference of two running sums.
    fn blurred(&self, canvas: &Canvas) -> Vec<Vec3A> {
        let (width, height) = (canvas.width, canvas.height);
        let reach = self.radius.ceil() as isize;
        // Rows go on beyond their ends with the last pixels.
        let beyond = reach as usize + 2;
        let stride = width + 2 * beyond + 1;
        let mut sums = Vec::with_capacity(stride * height);
        for row in canvas.pixels.chunks_exact(width) {
            let mut sum = Vec3A::ZERO;
            let ends = [row[0], row[width - 1]];
            let long =
                std::iter::repeat_n(&ends[0], beyond).chain(row).chain(std::iter::repeat_n(&ends[1], beyond));
            sums.push(sum);
            sums.extend(long.map(|&pixel| {
                sum += pixel;
                sum
            }));
        }
        let chords: Vec<(isize, f32)> = (-reach..=reach)
            .map(|down| {
                // The mean of the disc's width over the height of a pixel, by its ends and its middle.
                let half =
                    |at: f32| (self.radius * self.radius + self.radius * 0.5 - at * at).max(0.0).sqrt();
                let at = down as f32;
                (down, (half(at - 0.5) + 2.0 * half(at) + half(at + 0.5)) / 4.0)
            })
            .filter(|&(_, half)| half > 0.0)
            .collect();
        let area: f32 = chords.iter().map(|&(_, half)| 2.0 * half).sum();
        let mut blurred = vec![Vec3A::ZERO; width * height];
        for (y, row) in blurred.chunks_exact_mut(width).enumerate() {
            for &(down, half) in &chords {
                let other = (y as isize + down).clamp(0, height as isize - 1) as usize;
                let sums = &sums[other * stride..(other + 1) * stride];
                // The ends of the chord lie at the same place between two sums for all pixels.
                let [left, right] =
                    [-half, half].map(|end| beyond as f32 + 0.5 + end.clamp(-(beyond as f32), beyond as f32));
                let (from, to) = (&sums[left as usize..], &sums[right as usize..]);
                let (before, after) = (left.fract() / area, right.fract() / area);
                let (rest_before, rest_after) = (1.0 / area - before, 1.0 / area - after);
                for (x, pixel) in row.iter_mut().enumerate() {
                    *pixel +=
                        to[x] * rest_after + to[x + 1] * after - from[x] * rest_before - from[x + 1] * before;
                }
            }
        }
        blurred
    }
}

impl Canvas {
    /// The corners of what is painted.
    pub(super) fn bounds(&self) -> (Vec2, Vec2) {
        (self.low, self.low + Vec2::new(self.width as f32, self.height as f32) / self.scale)
    }

    /// Paints every pixel.
    pub(super) fn shade(&mut self, color: impl Fn(Vec2) -> Vec3) {
        self.area(self.bounds(), |_| 1.0, color);
    }

    /// Multiplies every pixel.
    pub(super) fn light(&mut self, factor: impl Fn(Vec2) -> Vec3) {
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            let place = Vec2::new((at % self.width) as f32 + 0.5, (at / self.width) as f32 + 0.5);
            *pixel *= Vec3A::from(factor(self.low + place / self.scale));
        }
    }

    /// Paints an upright rectangle.
    pub(super) fn rect(&mut self, low: Vec2, high: Vec2, color: impl Fn(Vec2) -> Vec3) {
        let half = (high - low) / 2.0;
        let centre = low + half;
        let scale = self.scale;
        let inside = move |at: Vec2| {
            let depth = (half - (at - centre).abs()) * scale + 0.5;
            depth.x.clamp(0.0, 1.0) * depth.y.clamp(0.0, 1.0)
        };
        self.area((low, high), inside, color);
    }

    /// Paints an upright rectangle in one colour.
    pub(super) fn block(&mut self, low: Vec2, high: Vec2, color: Vec3) {
        self.rect(low, high, |_| color);
    }

    /// Paints a convex polygon, its corners clockwise as seen.
    pub(super) fn polygon(&mut self, corners: &[Vec2], color: impl Fn(Vec2) -> Vec3) {
        let low = corners.iter().copied().reduce(Vec2::min).unwrap_or_default();
        let high = corners.iter().copied().reduce(Vec2::max).unwrap_or_default();
        let scale = self.scale;
        let inside = |at: Vec2| {
            let mut depth = f32::INFINITY;
            for (index, &corner) in corners.iter().enumerate() {
                let edge = corners[(index + 1) % corners.len()] - corner;
                depth = depth.min(edge.normalize_or_zero().perp_dot(at - corner));
            }
            (depth * scale + 0.5).clamp(0.0, 1.0)
        };
        self.area((low, high), inside, color);
    }

    /// Paints an ellipse that is turned by an angle; `soft` is the share of it that fades out.
    pub(super) fn blob(&mut self, centre: Vec2, radii: Vec2, angle: f32, soft: f32, color: Vec3) {
        let turn = Vec2::from_angle(-angle);
        let reach = Vec2::splat(radii.max_element());
        // At least a pixel of edge, so that small ones do not flicker.
        let edge = soft.max(1.0 / (radii.min_element() * self.scale)).min(1.0);
        let inside = |at: Vec2| {
            let local = turn.rotate(at - centre) / radii;
            ((1.0 - local.length()) / edge).clamp(0.0, 1.0)
        };
        self.area((centre - reach, centre + reach), inside, |_| color);
    }

    /// Adds a small source of light; on a coarse canvas the same light in a larger spot.
    pub(super) fn glow(&mut self, centre: Vec2, radius: f32, color: Vec3) {
        let wide = radius.max(0.75 / self.scale);
        let (low, high) = self.pixels_of((centre - wide, centre + wide));
        let inside = |canvas: &Self, x: usize, y: usize| {
            let at = canvas.low + Vec2::new(x as f32 + 0.5, y as f32 + 0.5) / canvas.scale;
            ((wide - at.distance(centre)) * canvas.scale + 0.5).clamp(0.0, 1.0)
        };
        // A spot of few pixels is not quite round: what it gives is what it would give as a disc. At the border only a
        // part of it is on the canvas.
        let whole = std::f32::consts::PI * (radius * self.scale).powi(2);
        let all: f32 = (low[1]..high[1])
            .flat_map(|y| (low[0]..high[0]).map(move |x| (x, y)))
            .map(|(x, y)| inside(self, x, y))
            .sum();
        let full = std::f32::consts::PI * (wide * self.scale).powi(2);
        let color = Vec3A::from(color) * (whole / if all > 0.5 * full { all } else { full });
        for y in low[1]..high[1] {
            for x in low[0]..high[0] {
                let share = inside(self, x, y);
                self.pixels[y * self.width + x] += color * share;
            }
        }
    }

    /// Paints all that lies below a line.
    pub(super) fn below(&mut self, line: impl Fn(f32) -> f32, color: impl Fn(Vec2, f32) -> Vec3) {
        for x in 0..self.width {
            let across = self.low.x + (x as f32 + 0.5) / self.scale;
            let top = line(across);
            let first = ((top - self.low.y) * self.scale - 0.5).max(0.0) as usize;
            for y in first..self.height {
                let down = self.low.y + (y as f32 + 0.5) / self.scale;
                let share = ((down - top) * self.scale + 0.5).clamp(0.0, 1.0);
                let pixel = &mut self.pixels[y * self.width + x];
                *pixel = pixel.lerp(color(Vec2::new(across, down), down - top).into(), share);
            }
        }
    }

    fn area(&mut self, bounds: (Vec2, Vec2), share: impl Fn(Vec2) -> f32, color: impl Fn(Vec2) -> Vec3) {
        let (low, high) = self.pixels_of(bounds);
        for y in low[1]..high[1] {
            for x in low[0]..high[0] {
                let at = self.low + Vec2::new(x as f32 + 0.5, y as f32 + 0.5) / self.scale;
                let share = share(at);
                if share > 0.0 {
                    let pixel = &mut self.pixels[y * self.width + x];
                    *pixel = pixel.lerp(color(at).into(), share);
                }
            }
        }
    }

    fn pixels_of(&self, (low, high): (Vec2, Vec2)) -> ([usize; 2], [usize; 2]) {
        let low = ((low - self.low) * self.scale - 0.5).floor().max(Vec2::ZERO);
        let high = ((high - self.low) * self.scale + 1.5).floor().max(Vec2::ZERO);
        let most = |value: f32, size: usize| (value as usize).min(size);
        let corner = |at: Vec2| [most(at.x, self.width), most(at.y, self.height)];
        (corner(low), corner(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_becomes_a_disc_of_the_same_light() {
        for blur in [0.0, 0.02, 0.05, 0.15] {
            let lens = Lens::new(120, 100, blur);
            let mut canvas = lens.canvas(Vec2::ZERO, 1.0);
            canvas.glow(Vec2::ZERO, 0.01, Vec3::splat(100.0));
            let picture = lens.picture(&canvas);
            // Area of the spot in pixels times its light.
            let light: f32 = picture.iter().map(|color| color.x).sum();
            assert!((light - 314.0).abs() < 60.0, "{blur}: {light}");
            let at = |x: usize, y: usize| picture[y * 120 + x].x;
            let radius = blur * 100.0;
            if radius > 3.0 {
                assert!((at(60, 50) / at(60 + (radius * 0.6) as usize, 50) - 1.0).abs() < 0.2);
                assert!(at(60 + (radius * 1.3) as usize + 2, 50) < at(60, 50) * 0.1, "{blur}");
            }
        }
    }

    #[test]
    fn an_even_canvas_stays_even() {
        let lens = Lens::new(33, 47, 0.06);
        let mut canvas = lens.canvas(Vec2::new(0.3, -0.2), 0.7);
        canvas.shade(|_| Vec3::new(0.2, 0.4, 0.6));
        let picture = lens.picture(&canvas);
        assert_eq!(picture.len(), 33 * 47);
        assert!(picture.iter().all(|color| color.abs_diff_eq(Vec3::new(0.2, 0.4, 0.6), 1e-4)));
    }

    #[test]
    fn shapes_are_where_they_are_put() {
        let lens = Lens::new(100, 100, 0.0);
        let mut canvas = lens.canvas(Vec2::ZERO, 1.0);
        canvas.block(Vec2::new(-0.5, -0.5), Vec2::new(0.0, 0.0), Vec3::X);
        canvas.blob(Vec2::new(0.25, 0.25), Vec2::new(0.2, 0.1), 0.0, 0.0, Vec3::Y);
        let corners = [Vec2::new(0.1, -0.4), Vec2::new(0.4, -0.4), Vec2::new(0.4, -0.1)];
        canvas.polygon(&corners, |_| Vec3::Z);
        let picture = lens.picture(&canvas);
        let at = |x: f32, y: f32| picture[((y + 0.5) * 100.0) as usize * 100 + ((x + 0.5) * 100.0) as usize];
        assert!(at(-0.25, -0.25).x > 0.99 && at(0.05, -0.25).x < 0.01);
        assert!(at(0.4, 0.25).y > 0.9 && at(0.25, 0.4).y < 0.01);
        assert!(at(0.35, -0.25).z > 0.99 && at(0.15, -0.2).z < 0.01);
    }
}
