//! Tables of truth in Parquet.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::record::Field;
use parquet::schema::types::{Type, TypePtr};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::file;

/// Who wrote it. Without a version, so that the same rows are the same bytes.
const CREATED_BY: &str = "omote";
/// Rows of a row group, or a few more: what is held in memory at a time, and enough that each column is read at once.
const GROUP: usize = 4096;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers of single precision.
    Float,
    /// Whole numbers of 64 bits.
    Integer,
    /// Text.
    Text,
    /// True or false.
    Flag,
}

/// What the values of a column are measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// Nothing that changes with the picture.
    #[default]
    None,
    /// Pixels or shares of the picture: they do not hold for one that was cut out of it or resized.
    Picture,
}

impl Frame {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, unique in the table.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// What it means, with units and frame.
    pub about: String,
    /// What it is measured in.
    pub frame: Frame,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, kind: Kind, about: impl Into<String>) -> Self {
        Self { name: name.into(), kind, about: about.into(), frame: Frame::None }
    }

    /// The same column, measured in pixels of the picture.
    pub fn in_picture(self) -> Self {
        Self { frame: Frame::Picture, ..self }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number of single precision.
    Float(f32),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// Nothing is known, or there is no face.
    Nothing,
}

/// Columns and rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; each has a value for every column.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Writes the table as a new file of one row group.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Error> {
        let name = path.display().to_string();
        let out = File::create(path).map_err(file(path))?;
        let mut writer = SerializedFileWriter::new(out, schema(&self.columns, &name)?, properties())
            .map_err(bad(&name))?;
        self.add_to(&mut writer, &name)?;
        let out = writer.into_inner().map_err(bad(&name))?;
        out.sync_all().map_err(file(path))
    }

    fn add_to(&self, writer: &mut SerializedFileWriter<File>, name: &str) -> Result<(), Error> {
        let mut group = writer.next_row_group().map_err(bad(name))?;
        for (at, column) in self.columns.iter().enumerate() {
            let Some(mut out) = group.next_column().map_err(bad(name))? else { break };
            let cells = self.rows.iter().map(|row| row.get(at).unwrap_or(&Value::Nothing));
            match column.kind {
                Kind::Float => add::<FloatType>(&mut out, cells, |value| match value {
                    Value::Float(value) => Some(*value),
                    _ => None,
                }),
                Kind::Integer => add::<Int64Type>(&mut out, cells, |value| match value {
                    Value::Integer(value) => Some(*value),
                    _ => None,
                }),
                Kind::Text => add::<ByteArrayType>(&mut out, cells, |value| match value {
                    Value::Text(value) => Some(ByteArray::from(value.as_str())),
                    _ => None,
                }),
                Kind::Flag => add::<BoolType>(&mut out, cells, |value| match value {
                    Value::Flag(value) => Some(*value),
                    _ => None,
                }),
            }
            .and_then(|()| out.close())
            .map_err(|error| bad(name)(error))?;
        }
        group.close().map_err(bad(name))?;
        Ok(())
    }

    /// Checks that every cell holds what its column does.
    pub(crate) fn check(&self) -> Result<(), String> {
        for row in &self.rows {
            if row.len() != self.columns.len() {
                return Err(format!("a row of {} values for {} columns", row.len(), self.columns.len()));
            }
            for (column, value) in self.columns.iter().zip(row) {
                let fits = matches!(
                    (column.kind, value),
                    (_, Value::Nothing)
                        | (Kind::Float, Value::Float(_))
                        | (Kind::Integer, Value::Integer(_))
                        | (Kind::Text, Value::Text(_))
                        | (Kind::Flag, Value::Flag(_))
                );
                if !fits {
                    return Err(format!("{value:?} in the column {}", column.name));
                }
            }
        }
        Ok(())
    }

    /// Reads a table that omote wrote. What its columns mean is not in the file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Table`] if it is not such a table.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut rows = Vec::new();
        let columns = Self::each(path, |_| true, |row| rows.push(row))?;
        Ok(Self { columns, rows })
    }

    /// Hands out the cells of the columns whose names are wanted, row by row: the rows together may be more than fits into
    /// memory. All columns.
    pub(crate) fn each(
        path: &Path,
        is_wanted: impl Fn(&str) -> bool,
        mut take: impl FnMut(Vec<Value>),
    ) -> Result<Vec<Column>, Error> {
        let name = path.display().to_string();
        let reader = SerializedFileReader::new(File::open(path).map_err(file(path))?).map_err(bad(&name))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let column = |field: &Arc<parquet::schema::types::ColumnDescriptor>| {
            let kind = match field.physical_type() {
                Physical::FLOAT => Kind::Float,
                Physical::INT64 => Kind::Integer,
                Physical::BYTE_ARRAY => Kind::Text,
                Physical::BOOLEAN => Kind::Flag,
                other => return Err(format!("a column of the type {other}, which omote does not write")),
            };
            Ok(Column::new(field.name(), kind, ""))
        };
        let refused = |reason: String| Error::Table { name: name.clone(), reason };
        let columns: Vec<Column> =
            schema.columns().iter().map(column).collect::<Result<_, _>>().map_err(refused)?;
        let fields = schema.root_schema().get_fields().iter();
        let fields = fields.filter(|field| is_wanted(field.name())).cloned().collect();
        let wanted = Type::group_type_builder(schema.name()).with_fields(fields).build();
        for row in reader.get_row_iter(Some(wanted.map_err(bad(&name))?)).map_err(bad(&name))? {
            let value = |(_, field): (&String, &Field)| match field {
                Field::Null => Ok(Value::Nothing),
                Field::Float(value) => Ok(Value::Float(*value)),
                Field::Long(value) => Ok(Value::Integer(*value)),
                Field::Str(value) => Ok(Value::Text(value.clone())),
                Field::Bool(value) => Ok(Value::Flag(*value)),
                other => Err(refused(format!("{other}, which omote does not write"))),
            };
            let row = row.map_err(bad(&name))?;
            take(row.get_column_iter().map(value).collect::<Result<_, _>>()?);
        }
        Ok(columns)
    }

    /// Writes a new table of the rows of others, which have the same columns, in their order. The number of rows.
    pub(crate) fn join(parts: &[std::path::PathBuf], columns: &[Column], path: &Path) -> Result<u64, Error> {
        let name = path.display().to_string();
        let out = File::create(path).map_err(file(path))?;
        let mut writer =
            SerializedFileWriter::new(out, schema(columns, &name)?, properties()).map_err(bad(&name))?;
        let mut rows = 0;
        let mut group = Self { columns: columns.to_vec(), rows: Vec::new() };
        for (number, part) in parts.iter().enumerate() {
            group.rows.append(&mut Self::load(part)?.rows);
            if group.rows.len() >= GROUP || number + 1 == parts.len() {
                let wrong = |reason| Error::Table { name: part.display().to_string(), reason };
                group.check().map_err(wrong)?;
                rows += group.rows.len() as u64;
                group.add_to(&mut writer, &name)?;
                group.rows.clear();
            }
        }
        let out = writer.into_inner().map_err(bad(&name))?;
        out.sync_all().map_err(file(path))?;
        Ok(rows)
    }
}

/// Writes one column: its values, and for each row whether it has one.
fn add<'a, T: DataType>(
    out: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Value>,
    value: impl Fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let cells: Vec<Option<T::T>> = cells.map(value).collect();
    let defined: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    out.typed::<T>().write_batch(&values, Some(&defined), None)?;
    Ok(())
}

fn schema(columns: &[Column], name: &str) -> Result<TypePtr, Error> {
    let field = |column: &Column| {
        let (physical, converted) = match column.kind {
            Kind::Float => (Physical::FLOAT, ConvertedType::NONE),
            Kind::Integer => (Physical::INT64, ConvertedType::NONE),
            Kind::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
            Kind::Flag => (Physical::BOOLEAN, ConvertedType::NONE),
        };
        let field = Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_converted_type(converted);
        field.build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>().map_err(bad(name))?;
    Type::group_type_builder("truth").with_fields(fields).build().map(Arc::new).map_err(bad(name))
}

fn properties() -> WriterPropertiesPtr {
    let compression = Compression::ZSTD(ZstdLevel::default());
    Arc::new(
        WriterProperties::builder()
            .set_compression(compression)
            .set_created_by(CREATED_BY.to_owned())
            .build(),
    )
}

/// Says which table it was, and whether the file could not be read or written or is no such table.
fn bad(name: &str) -> impl Fn(ParquetError) -> Error + '_ {
    move |error| {
        let other = |reason: String| Error::Table { name: name.to_owned(), reason };
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => Error::File { path: name.into(), source: *source },
                Err(inner) => other(inner.to_string()),
            },
            error => other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let columns = vec![
            Column::new("yaw", Kind::Float, "degrees"),
            Column::new("person", Kind::Integer, "number"),
            Column::new("image", Kind::Text, "name"),
            Column::new("glasses", Kind::Flag, "worn"),
        ];
        let row = |number: i64| {
            vec![
                if number % 3 == 0 { Value::Nothing } else { Value::Float(number as f32 / 7.0) },
                Value::Integer(number << 40),
                Value::Text(format!("{number:06}.png, \"ä\"")),
                Value::Flag(number % 2 == 0),
            ]
        };
        let table = Table { columns, rows: (0..50).map(row).collect() };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        table.save(&path).unwrap();
        let read = Table::load(&path).unwrap();
        assert_eq!(read.rows, table.rows);
        let shape = |table: &Table| -> Vec<(String, Kind)> {
            table.columns.iter().map(|column| (column.name.clone(), column.kind)).collect()
        };
        assert_eq!(shape(&read), shape(&table));

        let twice = folder.path().join("b.parquet");
        assert_eq!(Table::join(&[path.clone(), path.clone()], &table.columns, &twice).unwrap(), 100);
        assert_eq!(Table::load(&twice).unwrap().rows, [table.rows.clone(), table.rows].concat());
    }

    #[test]
    fn cells_must_fit_their_columns() {
        let columns = vec![Column::new("yaw", Kind::Float, "degrees")];
        let check = |row: Vec<Value>| Table { columns: columns.clone(), rows: vec![row] }.check();
        assert_eq!(check(vec![Value::Float(1.0)]), Ok(()));
        assert_eq!(check(vec![Value::Nothing]), Ok(()));
        assert!(check(vec![Value::Flag(true)]).unwrap_err().contains("yaw"));
        assert!(check(vec![]).unwrap_err().contains("0 values"));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        assert!(matches!(Table::load(&path), Err(Error::File { .. })));
        for bytes in [&b""[..], b"PAR1", b"PAR1 and something else that is no table PAR1"] {
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(Table::load(&path), Err(Error::Table { .. })));
        }
    }
}
