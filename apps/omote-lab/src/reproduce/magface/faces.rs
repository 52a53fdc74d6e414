//! What faces of small and of large magnitude look like.

use anyhow::Context;
use console::Reporter;
use evaluation::report::{Block, Section, Strip};
use imaging::{Image, encode_jpeg};

use super::{MAGFACE, MIXED};
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::{Lab, Outcomes};

/// Parts that pictures are put into by their magnitude.
const PARTS: usize = 10;
/// Of the JPEG files.
const QUALITY: u8 = 92;

/// Mean pictures by magnitude, with the first MagFace network.
pub fn add(
    lab: &Lab<'_>,
    outcomes: &Outcomes,
    findings: &mut Findings,
    reporter: &mut Reporter,
) -> anyhow::Result<()> {
    let Some((_, vectors)) = outcomes.of(MAGFACE, MIXED).first().copied() else { return Ok(()) };
    let Some(pictures) = lab.pictures(&outcomes.grid, MIXED, reporter)? else { return Ok(()) };
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    order.sort_by(|&a, &b| vectors.magnitudes[a].total_cmp(&vectors.magnitudes[b]));
    let mut shown = Vec::new();
    for part in order.chunks(order.len().div_ceil(PARTS).max(1)) {
        let images = part.iter().map(|&at| Ok(pictures.source.sample(at as u64)?.image));
        let images: Result<Vec<Image>, String> = images.collect();
        let mean = mean(&images.map_err(anyhow::Error::msg)?).context("pictures of several sizes")?;
        let ends = [part[0], part[part.len() - 1]].map(|at| vectors.magnitudes[at]);
        shown.push((format!("{:.1} to {:.1}", ends[0], ends[1]), encode_jpeg(&mean, QUALITY)?));
    }
    let caption =
        "Means of pictures of unknown people, a tenth of them each, by the magnitude that MagFace gives them";
    let strip = Strip { caption: caption.to_owned(), pictures: shown };
    let heading = "Faces by their magnitude".to_owned();
    findings.sections.push(Section { heading, blocks: vec![Block::Strip(strip)] });
    Ok(())
}

/// The mean of pictures of one size; `None` if there are several sizes, or no pictures.
fn mean(images: &[Image]) -> Option<Image> {
    let first = images.first()?;
    let mut sums = vec![0_u32; first.pixels().len()];
    for image in images {
        if (image.width(), image.height()) != (first.width(), first.height()) {
            return None;
        }
        sums.iter_mut().zip(image.pixels()).for_each(|(sum, &value)| *sum += u32::from(value));
    }
    let count = images.len() as u32;
    let bytes = sums.into_iter().map(|sum| ((sum + count / 2) / count) as u8).collect();
    Image::from_rgb(first.width(), first.height(), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_one_size() {
        let plain =
            |size, value| Image::from_rgb(size, size, vec![value; (size * size * 3) as usize]).unwrap();
        let found = mean(&[plain(2, 10), plain(2, 13)]).unwrap();
        assert_eq!(found, plain(2, 12));
        assert!(mean(&[plain(2, 1), plain(3, 1)]).is_none() && mean(&[]).is_none());
    }
}
