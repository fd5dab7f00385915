// Transformations of a table by which noValue is shown where it has no row: Grafana 12 would show its columns, and say
// nothing. Parted by a field that has one value in all rows, and put together again, it is not there without a row. (Of
// several parts, fields would have the names of their parts.)
function(field) [
  { id: 'partitionByValues', options: { fields: [field], keepFields: true, naming: { asLabels: false } } },
  { id: 'merge', options: {} },
]
