//! A window of the cascade and how it moves from one network to the next.

use geometry::Rect;

/// A square or nearly square part of the photo that may hold a face. Corners are 1-based pixel numbers, both ends
/// included, so that its width is x2 - x1 + 1; some formulas of the original leave out the 1, and so do we.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub(super) x1: f32,
    pub(super) y1: f32,
    pub(super) x2: f32,
    pub(super) y2: f32,
    /// Probability of a face, 0..=1.
    pub(super) score: f32,
    /// What a network says the corners must move by, in widths and heights: x1, y1, x2, y2.
    pub(super) offsets: [f32; 4],
}

impl Window {
    /// What P-Net saw in one cell of its map, at a level of the pyramid that is `scale` times the photo.
    pub(super) fn of_cell(column: usize, row: usize, scale: f64, score: f32, offsets: [f32; 4]) -> Self {
        let start = |cell: usize| ((2 * cell + 1) as f64 / scale).floor() as f32;
        let end = |cell: usize| ((2 * cell + 12) as f64 / scale).floor() as f32;
        Self { x1: start(column), y1: start(row), x2: end(column), y2: end(row), score, offsets }
    }

    /// Width in pixels, both ends counted.
    pub(super) fn width(&self) -> f32 {
        self.x2 - self.x1 + 1.0
    }

    /// Height in pixels, both ends counted.
    pub(super) fn height(&self) -> f32 {
        self.y2 - self.y1 + 1.0
    }

    pub(super) fn rect(&self) -> Rect {
        Rect::new(self.x1, self.y1, self.x2, self.y2)
    }

    /// Moved by its offsets. `extent` is what the network was trained to count the sides with: 0 for P-Net, 1 for the
    /// others.
    pub(super) fn regressed(&self, extent: f32) -> Self {
        let (w, h) = (self.x2 - self.x1 + extent, self.y2 - self.y1 + extent);
        let [dx1, dy1, dx2, dy2] = self.offsets;
        Self {
            x1: self.x1 + dx1 * w,
            y1: self.y1 + dy1 * h,
            x2: self.x2 + dx2 * w,
            y2: self.y2 + dy2 * h,
            ..*self
        }
    }

    /// The square of the longer side about the same centre.
    pub(super) fn squared(&self) -> Self {
        let (w, h) = (self.x2 - self.x1, self.y2 - self.y1);
        let side = w.max(h);
        let (x1, y1) = (self.x1 + 0.5 * (w - side), self.y1 + 0.5 * (h - side));
        Self { x1, y1, x2: x1 + side, y2: y1 + side, ..*self }
    }

    /// Corners cut to whole pixels, towards 0.
    pub(super) fn truncated(&self) -> Self {
        Self { x1: self.x1.trunc(), y1: self.y1.trunc(), x2: self.x2.trunc(), y2: self.y2.trunc(), ..*self }
    }

    /// Whether it holds a pixel of a photo of this size and is of sound size itself.
    pub(super) fn meets(&self, width: u32, height: u32) -> bool {
        let (width, height) = (width as f32, height as f32);
        let longest = 4.0 * width.max(height);
        self.rect().is_finite()
            && (1.0..=longest).contains(&self.width())
            && (1.0..=longest).contains(&self.height())
            && self.x1 <= width
            && self.y1 <= height
            && self.x2 >= 1.0
            && self.y2 >= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window =
        Window { x1: 10.0, y1: 20.0, x2: 29.0, y2: 49.0, score: 0.9, offsets: [0.1, -0.1, 0.5, 0.0] };

    fn corners(window: Window) -> [f32; 4] {
        [window.x1, window.y1, window.x2, window.y2]
    }

    #[test]
    fn cells_become_windows() {
        // At scale 0.6 (faces of 20 pixels): floor(1 / 0.6), floor(12 / 0.6).
        assert_eq!(corners(Window::of_cell(0, 0, 0.6, 0.9, [0.0; 4])), [1.0, 1.0, 20.0, 20.0]);
        assert_eq!(corners(Window::of_cell(3, 1, 0.6, 0.9, [0.0; 4])), [11.0, 5.0, 30.0, 23.0]);
        assert_eq!(corners(Window::of_cell(3, 1, 1.0, 0.9, [0.0; 4])), [7.0, 3.0, 18.0, 14.0]);
    }

    #[test]
    fn regression_with_and_without_the_extra_pixel() {
        assert_eq!(corners(WINDOW.regressed(0.0)), [11.9, 17.1, 38.5, 49.0]);
        assert_eq!(corners(WINDOW.regressed(1.0)), [12.0, 17.0, 39.0, 49.0]);
    }

    #[test]
    fn squares_share_the_centre() {
        assert_eq!(corners(WINDOW.squared()), [5.0, 20.0, 34.0, 49.0]);
        let negative = Window { x1: -1.5, y1: 2.5, ..WINDOW };
        assert_eq!(corners(negative.truncated())[..2], [-1.0, 2.0], "towards zero");
    }

    #[test]
    fn windows_off_the_photo_or_of_no_size_are_refused() {
        assert!(WINDOW.meets(100, 100) && WINDOW.meets(10, 20));
        assert!(!WINDOW.meets(9, 100) && !WINDOW.meets(100, 19));
        assert!(!Window { x2: 0.5, x1: -30.0, ..WINDOW }.meets(100, 100));
        assert!(!Window { x1: f32::NAN, ..WINDOW }.meets(100, 100));
        assert!(!Window { x2: 1e9, ..WINDOW }.meets(100, 100));
        assert!(!Window { x2: 8.0, ..WINDOW }.meets(100, 100));
    }
}
