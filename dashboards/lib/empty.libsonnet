// Transformations of a table by which noValue is shown where it has no row: Grafana 12 would show its columns, and say
// nothing. Parted by the values of a field that it always has, and put together again, it is not there without a row.
function(field) [
  { id: 'partitionByValues', options: { fields: [field], keepFields: true, naming: { asLabels: false } } },
  { id: 'merge', options: {} },
]
