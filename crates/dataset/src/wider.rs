//! The faces of a set as a list in the layout of `wider_face_val_bbx_gt.txt`, which detectors' tools read.

use std::fmt::Write;

use crate::{Table, Value};

/// Columns of a face, after that of the picture and the one that says that it is a face.
const COLUMNS: [&str; 10] =
    ["left", "top", "width", "height", "blur", "expression", "illumination", "invalid", "occlusion", "pose"];

/// For each picture a line with its path below `images/`, one with the number of faces, and one for each face, `x y width
/// height blur expression illumination invalid occlusion pose`; of a picture without faces one line of zeros. Columns that
/// the table does not have count as 0, faces of which nothing lies in the picture are left out.
pub(crate) fn list(table: &Table) -> String {
    let column = |name: &str| table.columns.iter().position(|column| column.name == name);
    let (image, face, others) = (column("image"), column("face"), COLUMNS.map(column));
    let mut list = String::new();
    let mut rows = table.rows.iter().peekable();
    while let Some(row) = rows.next() {
        let name = cell(row, image);
        let mut faces = Vec::new();
        let mut next = Some(row);
        while let Some(row) = next {
            if cell(row, face) == Some(&Value::Flag(true)) {
                faces.push(others.map(|column| number(cell(row, column))));
            }
            next = rows.next_if(|row| cell(row, image) == name);
        }
        faces.retain(|[_, _, width, height, ..]| *width > 0.0 && *height > 0.0);
        if let Some(Value::Text(name)) = name {
            // Writing into a text cannot fail.
            let _ = writeln!(list, "{name}\n{}", faces.len());
        }
        if faces.is_empty() {
            faces.push([0.0; 10]);
        }
        for face in faces {
            let words: Vec<String> =
                face.iter().map(|number| format!("{}", (number * 10.0).round() / 10.0)).collect();
            list.push_str(&words.join(" "));
            list.push('\n');
        }
    }
    list
}

fn cell(row: &[Value], column: Option<usize>) -> Option<&Value> {
    column.and_then(|column| row.get(column))
}

fn number(value: Option<&Value>) -> f32 {
    match value {
        Some(Value::Float(number)) => *number,
        Some(Value::Integer(number)) => *number as f32,
        Some(Value::Flag(true)) => 1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Kind};

    #[test]
    fn faces_are_listed_by_picture() {
        let columns: Vec<Column> = [
            ("image", Kind::Text),
            ("face", Kind::Flag),
            ("left", Kind::Float),
            ("top", Kind::Float),
            ("width", Kind::Float),
            ("height", Kind::Float),
            ("blur", Kind::Integer),
            ("invalid", Kind::Flag),
        ]
        .map(|(name, kind)| Column::new(name, kind, ""))
        .into();
        let row = |image: &str, face, edges: [f32; 4], blur, invalid| {
            let mut row = vec![Value::Text(image.to_owned()), Value::Flag(face)];
            row.extend(edges.map(Value::Float));
            row.extend([Value::Integer(blur), Value::Flag(invalid)]);
            row
        };
        let rows = vec![
            row("0/0.jpg", true, [1.0, 2.0, 30.04, 40.0], 2, false),
            row("0/0.jpg", false, [5.0, 5.0, 5.0, 5.0], 0, false),
            row("0/0.jpg", true, [9.5, 8.0, 7.0, 6.0], 0, true),
            row("0/0.jpg", true, [640.0, 8.0, 0.0, 6.0], 0, true),
            row("0/1.jpg", false, [5.0, 5.0, 5.0, 5.0], 0, false),
            row("0/2.jpg", true, [0.0, 0.0, 3.0, 4.0], 1, false),
        ];
        assert_eq!(
            list(&Table { columns, rows }),
            "0/0.jpg\n2\n1 2 30 40 2 0 0 0 0 0\n9.5 8 7 6 0 0 0 1 0 0\n0/1.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n\
             0/2.jpg\n1\n0 0 3 4 1 0 0 0 0 0\n"
        );
    }
}
