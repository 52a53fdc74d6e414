use geometry::Rotation;

/// A picture in memory: 8-bit RGB, interleaved, rows from top to bottom without padding.
///
/// Values are sRGB as stored in files; embedded colour profiles are not applied.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Image {
    /// A black picture.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, pixels: vec![0; bytes(width, height)] }
    }

    /// A picture of one colour.
    pub fn filled(width: u32, height: u32, color: [u8; 3]) -> Self {
        let mut image = Self::new(width, height);
        image.fill(color);
        image
    }

    /// A picture from its bytes: `width * height * 3` of them, R, G, B per pixel. `None` if the length is another.
    pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        (pixels.len() as u128 == u128::from(width) * u128::from(height) * 3).then_some(Self {
            width,
            height,
            pixels,
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Whether there is no pixel.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// All bytes: R, G, B per pixel, row after row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All bytes, to be changed in place.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// The bytes, without a copy.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The bytes of row `y`.
    ///
    /// # Panics
    /// If `y` is not below the height.
    pub fn row(&self, y: u32) -> &[u8] {
        let stride = self.stride();
        &self.pixels[y as usize * stride..][..stride]
    }

    /// The bytes of row `y`, to be changed in place.
    ///
    /// # Panics
    /// If `y` is not below the height.
    pub fn row_mut(&mut self, y: u32) -> &mut [u8] {
        let stride = self.stride();
        &mut self.pixels[y as usize * stride..][..stride]
    }

    /// The colour at column `x`, row `y`.
    ///
    /// # Panics
    /// If the position is outside the picture.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let p = &self.row(y)[x as usize * 3..][..3];
        [p[0], p[1], p[2]]
    }

    /// Sets the colour at column `x`, row `y`.
    ///
    /// # Panics
    /// If the position is outside the picture.
    pub fn set_pixel(&mut self, x: u32, y: u32, color: [u8; 3]) {
        self.row_mut(y)[x as usize * 3..][..3].copy_from_slice(&color);
    }

    /// Gives every pixel the same colour.
    pub fn fill(&mut self, color: [u8; 3]) {
        for pixel in self.pixels.chunks_exact_mut(3) {
            pixel.copy_from_slice(&color);
        }
    }

    /// The part `width` x `height` pixels large whose top-left pixel is at (x, y), which may lie outside; what is outside
    /// the picture has the colour `border`.
    pub fn crop(&self, x: i64, y: i64, width: u32, height: u32, border: [u8; 3]) -> Self {
        let mut out = Self::filled(width, height, border);
        let inside = |start: i64, length: u32, limit: u32| {
            let first = start.clamp(0, i64::from(limit));
            let last = start.saturating_add(i64::from(length)).clamp(first, i64::from(limit));
            (first, last)
        };
        let (left, right) = inside(x, width, self.width);
        let (top, bottom) = inside(y, height, self.height);
        if left == right {
            return out;
        }
        for row in top..bottom {
            let source = &self.row(row as u32)[left as usize * 3..right as usize * 3];
            out.row_mut((row - y) as u32)[(left - x) as usize * 3..][..source.len()].copy_from_slice(source);
        }
        out
    }

    /// The picture turned clockwise.
    pub fn rotated(&self, rotation: Rotation) -> Self {
        match rotation {
            Rotation::None => self.clone(),
            Rotation::Quarter => self.gathered(true, |x, y| (y, self.height - 1 - x)),
            Rotation::Half => self.gathered(false, |x, y| (self.width - 1 - x, self.height - 1 - y)),
            Rotation::ThreeQuarter => self.gathered(true, |x, y| (self.width - 1 - y, x)),
        }
    }

    /// The mirror image: left and right change places.
    pub fn flipped(&self) -> Self {
        let mut out = self.clone();
        out.flip();
        out
    }

    pub(crate) fn flip(&mut self) {
        let stride = self.stride().max(1);
        for row in self.pixels.chunks_exact_mut(stride) {
            let (pixels, _) = row.as_chunks_mut::<3>();
            pixels.reverse();
        }
    }

    /// Rows and columns change places.
    pub(crate) fn transposed(&self) -> Self {
        self.gathered(true, |x, y| (y, x))
    }

    fn stride(&self) -> usize {
        self.width as usize * 3
    }

    // A new picture whose pixel (x, y) is this one's at `source(x, y)`, in square tiles, so that reading along columns
    // does not miss the cache at every pixel.
    fn gathered(&self, turned: bool, source: impl Fn(u32, u32) -> (u32, u32)) -> Self {
        const TILE: u32 = 16;
        let (width, height) = if turned { (self.height, self.width) } else { (self.width, self.height) };
        let mut out = Self::new(width, height);
        let (from, _) = self.pixels.as_chunks::<3>();
        let (to, _) = out.pixels.as_chunks_mut::<3>();
        for top in (0..height).step_by(TILE as usize) {
            for left in (0..width).step_by(TILE as usize) {
                for y in top..height.min(top.saturating_add(TILE)) {
                    for x in left..width.min(left.saturating_add(TILE)) {
                        let (sx, sy) = source(x, y);
                        to[y as usize * width as usize + x as usize] =
                            from[sy as usize * self.width as usize + sx as usize];
                    }
                }
            }
        }
        out
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({} x {})", self.width, self.height)
    }
}

fn bytes(width: u32, height: u32) -> usize {
    // On overflow the allocation fails loudly, as for any other length that does not fit into memory.
    (width as usize).saturating_mul(height as usize).saturating_mul(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::Point;

    fn numbered(width: u32, height: u32) -> Image {
        let pixels = (0..width * height).flat_map(|i| [i as u8, (i >> 8) as u8, 7]).collect();
        Image::from_rgb(width, height, pixels).unwrap()
    }

    #[test]
    fn the_length_must_fit() {
        assert!(Image::from_rgb(2, 2, vec![0; 12]).is_some());
        assert!(Image::from_rgb(2, 2, vec![0; 11]).is_none());
        assert!(Image::from_rgb(u32::MAX, u32::MAX, vec![]).is_none());
        assert!(Image::new(0, 5).is_empty());
    }

    #[test]
    fn rotation_agrees_with_the_geometry() {
        let image = numbered(37, 21);
        for rotation in Rotation::ALL {
            let turned = image.rotated(rotation);
            assert_eq!((turned.width(), turned.height()), rotation.turned_size(37, 21));
            for (x, y) in [(0, 0), (36, 0), (5, 20), (17, 9)] {
                let p = rotation.turn(Point::new(x as f32, y as f32), 37, 21);
                assert_eq!(turned.pixel(p.x as u32, p.y as u32), image.pixel(x, y), "{rotation:?}");
            }
            assert_eq!(turned.rotated(rotation.inverse()), image);
        }
    }

    #[test]
    fn flips_and_transposes() {
        let image = numbered(5, 3);
        assert_eq!(image.flipped().pixel(0, 1), image.pixel(4, 1));
        assert_eq!(image.flipped().flipped(), image);
        assert_eq!(image.transposed().pixel(2, 4), image.pixel(4, 2));
        assert_eq!(image.transposed().transposed(), image);
        assert_eq!(image.transposed().flipped(), image.rotated(Rotation::Quarter));
    }

    #[test]
    fn crops_with_a_border() {
        let image = numbered(5, 4);
        let inner = image.crop(1, 2, 3, 2, [9; 3]);
        assert_eq!((inner.width(), inner.height()), (3, 2));
        assert_eq!(inner.pixel(0, 0), image.pixel(1, 2));
        assert_eq!(inner.pixel(2, 1), image.pixel(3, 3));
        let corner = image.crop(-2, -1, 4, 3, [9; 3]);
        assert_eq!(corner.pixel(0, 0), [9; 3]);
        assert_eq!(corner.pixel(2, 1), image.pixel(0, 0));
        assert_eq!(corner.pixel(3, 2), image.pixel(1, 1));
        for (x, y) in [(100, 100), (-100, 0), (i64::MIN, i64::MAX), (i64::MAX, i64::MIN)] {
            assert_eq!(image.crop(x, y, 2, 2, [9; 3]), Image::filled(2, 2, [9; 3]));
        }
        assert!(image.crop(0, 0, 0, 3, [0; 3]).is_empty());
    }
}
