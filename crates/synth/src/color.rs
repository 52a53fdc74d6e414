//! Colours of light: the curve of sRGB, and the colour of things that glow.

use std::sync::LazyLock;

use glam::{Mat3, Vec3};

/// Linear light, 0..=1, of an sRGB value, 0..=1 (IEC 61966-2-1). Values outside follow the curve.
pub fn srgb_to_linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// The sRGB value, 0..=1, of linear light, 0..=1 (IEC 61966-2-1). Values outside follow the curve.
pub fn linear_to_srgb(value: f32) -> f32 {
    if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
}

/// Linear light of an sRGB colour of bytes.
pub fn from_bytes(color: [u8; 3]) -> Vec3 {
    Vec3::from_array(color.map(|value| srgb_to_linear(f32::from(value) / 255.0)))
}

/// The sRGB bytes of linear light; what is brighter than white is cut off.
pub fn to_bytes(color: Vec3) -> [u8; 3] {
    /// Values at even steps of the square root of light, in which the curve is nearly straight: between them it is off
    /// by less than 0.002 bytes.
    static CURVE: LazyLock<[f32; STEPS + 2]> = LazyLock::new(|| {
        std::array::from_fn(|step| linear_to_srgb((step as f32 / STEPS as f32).powi(2)) * 255.0 + 0.5)
    });
    let byte = |value: f32| {
        let place = value.clamp(0.0, 1.0).sqrt() * STEPS as f32;
        let step = place as usize;
        let part = place - step as f32;
        (CURVE[step] + (CURVE[step + 1] - CURVE[step]) * part) as u8
    };
    [byte(color.x), byte(color.y), byte(color.z)]
}

/// Steps of the curve of [`to_bytes`].
const STEPS: usize = 1024;

/// How bright linear sRGB light looks: Y of CIE 1931.
pub fn luminance(color: Vec3) -> f32 {
    color.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}

/// Light of a black body, linear sRGB of luminance 1, by its temperature in kelvin (held to 2000..=15000; a candle
/// has 1900, a bulb 2700, midday 5500, a blue sky above 9000). White of sRGB has 6500.
///
/// The locus in xy is the cubic fit of Kim et al. 2002 (US patent 7024034), good to 0.001.
pub fn black_body(kelvin: f32) -> Vec3 {
    let t = 1000.0 / kelvin.clamp(2000.0, 15_000.0);
    let x = if t >= 0.25 {
        ((-0.266_123_9 * t - 0.234_358_9) * t + 0.877_695_6) * t + 0.179_91
    } else {
        ((-3.025_847 * t + 2.107_037_9) * t + 0.222_634_7) * t + 0.240_39
    };
    let y = if t >= 0.45 {
        ((-1.106_381_4 * x - 1.348_110_2) * x + 2.185_558_3) * x - 0.202_196_83
    } else if t >= 0.25 {
        ((-0.954_947_6 * x - 1.374_185_9) * x + 2.091_37) * x - 0.167_488_67
    } else {
        ((3.081_758 * x - 5.873_387) * x + 3.751_13) * x - 0.370_014_83
    };
    let color = XYZ_TO_SRGB * Vec3::new(x / y, 1.0, (1.0 - x - y) / y);
    color.max(Vec3::ZERO) / luminance(color.max(Vec3::ZERO))
}

/// CIE XYZ to linear sRGB (IEC 61966-2-1), by columns.
const XYZ_TO_SRGB: Mat3 = Mat3::from_cols(
    Vec3::new(3.240_45, -0.969_266, 0.055_643_4),
    Vec3::new(-1.537_139, 1.876_011, -0.204_025_9),
    Vec3::new(-0.498_531_4, 0.041_556, 1.057_225_2),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_both_ways() {
        for byte in 0..=255 {
            assert_eq!(to_bytes(from_bytes([byte; 3])), [byte; 3]);
        }
        for step in -20..=40 {
            let value = step as f32 / 20.0;
            assert!((srgb_to_linear(linear_to_srgb(value)) - value).abs() < 1e-5, "{value}");
        }
        // Middle grey of bytes is about a fifth of the light.
        assert!((srgb_to_linear(0.5) - 0.214_04).abs() < 1e-4);
        assert_eq!(to_bytes(Vec3::new(-1.0, 7.0, 0.0)), [0, 255, 0]);
        for step in 0..=20_000 {
            let light = step as f32 / 20_000.0;
            let exact = linear_to_srgb(light) * 255.0;
            let byte = f32::from(to_bytes(Vec3::splat(light))[1]);
            assert!((byte - exact).abs() < 0.502, "{light}: {byte} {exact}");
        }
    }

    #[test]
    fn hotter_is_bluer() {
        let ratio = |kelvin: f32| black_body(kelvin).z / black_body(kelvin).x;
        let ratios: Vec<f32> = (20..=150).map(|step| ratio(step as f32 * 100.0)).collect();
        assert!(ratios.is_sorted_by(|a, b| a < b), "{ratios:?}");
        for kelvin in [2500.0, 4000.0, 6500.0, 9000.0] {
            let color = black_body(kelvin);
            assert!((luminance(color) - 1.0).abs() < 1e-5 && color.min_element() > 0.0, "{color}");
        }
        // Near the white point of sRGB (D65 is a little greener than a black body).
        assert!((black_body(6500.0) - Vec3::ONE).abs().max_element() < 0.05, "{}", black_body(6500.0));
        // A bulb, by integrating Planck's law with the CIE 1931 observer: R : G : B = 1 : 0.40 : 0.09.
        let bulb = black_body(2700.0) / black_body(2700.0).x;
        assert!((bulb.y - 0.40).abs() < 0.02 && (bulb.z - 0.09).abs() < 0.02, "{bulb}");
    }
}
