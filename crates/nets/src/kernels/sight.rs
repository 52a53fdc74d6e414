//! What a filter sees of an image from each of its positions.

/// A filter that goes over images.
#[derive(Clone, Copy, Debug)]
pub(super) struct Going {
    /// Height and width of an image.
    pub(super) input: [usize; 2],
    /// Its channels.
    pub(super) channels: usize,
    /// Height and width of the filter.
    pub(super) kernel: [usize; 2],
    /// Pixels from one position to the next.
    pub(super) stride: usize,
    /// How far before the image the first position is: padding, or less than nothing.
    pub(super) before: [isize; 2],
    /// Positions down and across.
    pub(super) output: [usize; 2],
}

/// What one line of the filter sees from one position: as many pixels in a row as it is wide.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// They lie in the image from this value on.
    Within(usize),
    /// Some are beyond the left or right edge: they were copied to this place among the edges.
    Edge(usize),
    /// The line is above or below the image.
    Nothing,
}

/// Where to find what a filter sees, for the positions of an image.
#[derive(Debug)]
pub(super) struct Sight {
    going: Going,
    parts: Vec<Part>,
    /// Line of the image, and column that may be before it, of what lies across an edge.
    edges: Vec<(usize, isize)>,
}

impl Sight {
    pub(super) fn new(going: Going) -> Self {
        let [height, width] = going.input;
        let [down, across] = going.output;
        let (mut parts, mut edges) = (Vec::with_capacity(down * across * going.kernel[0]), Vec::new());
        let column = |x: usize| (x * going.stride) as isize - going.before[1];
        let line = |y: usize, ky: usize| {
            let line = (y * going.stride + ky) as isize - going.before[0];
            usize::try_from(line).ok().filter(|&line| line < height)
        };
        let is_within = |x: isize| x >= 0 && x as usize + going.kernel[1] <= width;
        // Lines are seen from several positions above each other; what lies across their edges is copied
        // once.
        let outside: Vec<isize> = (0..across).map(column).filter(|&x| !is_within(x)).collect();
        let mut copied = vec![None; height];
        for y in 0..down {
            let first: Vec<Option<usize>> = (0..going.kernel[0])
                .map(|ky| {
                    let line = line(y, ky)?;
                    Some(*copied[line].get_or_insert_with(|| {
                        edges.extend(outside.iter().map(|&x| (line, x)));
                        edges.len() - outside.len()
                    }))
                })
                .collect();
            let mut nth = 0;
            for x in (0..across).map(column) {
                let within = is_within(x);
                for (ky, first) in first.iter().enumerate() {
                    parts.push(match (line(y, ky), first) {
                        (Some(line), _) if within => {
                            Part::Within((line * width + x as usize) * going.channels)
                        }
                        (Some(_), Some(first)) => Part::Edge(first + nth),
                        _ => Part::Nothing,
                    });
                }
                nth += usize::from(!within);
            }
        }
        Self { going, parts, edges }
    }

    /// Values that a line of the filter sees.
    pub(super) fn length(&self) -> usize {
        self.going.kernel[1] * self.going.channels
    }

    /// Lines of the filter.
    pub(super) fn lines(&self) -> usize {
        self.going.kernel[0]
    }

    /// Positions on an image.
    pub(super) fn positions(&self) -> usize {
        self.going.output[0] * self.going.output[1]
    }

    /// Values of an image.
    fn size(&self) -> usize {
        self.going.input[0] * self.going.input[1] * self.going.channels
    }

    /// Looks at some images.
    pub(super) fn of<'a>(&'a self, images: &'a [f32]) -> Seen<'a> {
        let (length, width, channels) = (self.length(), self.going.input[1] as isize, self.going.channels);
        let mut edges = Vec::with_capacity(images.len() / self.size() * self.edges.len() * length);
        for image in images.chunks_exact(self.size()) {
            for &(line, x) in &self.edges {
                let begin = edges.len();
                edges.resize(begin + length, 0.0);
                let [from, to] = [x, x + self.going.kernel[1] as isize].map(|x| x.clamp(0, width));
                // With much padding a filter may be beyond the edge with all of its width.
                if from == to {
                    continue;
                }
                let values = &image[(line as isize * width + from) as usize * channels..]
                    [..(to - from) as usize * channels];
                edges[begin + (from - x) as usize * channels..][..values.len()].copy_from_slice(values);
            }
        }
        Seen { sight: self, images, edges, nothing: vec![0.0; length] }
    }
}

/// What a filter sees of some images.
pub(super) struct Seen<'a> {
    sight: &'a Sight,
    images: &'a [f32],
    edges: Vec<f32>,
    nothing: Vec<f32>,
}

impl Seen<'_> {
    pub(super) fn sight(&self) -> &Sight {
        self.sight
    }

    /// Positions on all images.
    pub(super) fn count(&self) -> usize {
        self.images.len() / self.sight.size() * self.sight.positions()
    }

    /// What a line of the filter sees from a position, counted over all images.
    #[inline(always)]
    pub(super) fn part(&self, image: usize, position: usize, line: usize) -> &[f32] {
        let length = self.nothing.len();
        match self.sight.parts[position * self.sight.going.kernel[0] + line] {
            Part::Within(at) => &self.images[image * self.sight.size() + at..][..length],
            Part::Edge(at) => &self.edges[(image * self.sight.edges.len() + at) * length..][..length],
            Part::Nothing => &self.nothing,
        }
    }
}
