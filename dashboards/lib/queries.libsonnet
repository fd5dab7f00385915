// Queries of panels. $__rate_interval is four scrapes or more: a counter that
// grows less often than at each scrape has to say how often.
local prometheus = { type: 'prometheus', uid: '${datasource}' };
local meshscope = { type: 'meshscope-topology-datasource', uid: '${meshscope}' };

local asked = {
  datasource: meshscope,
  schemaVersion: 1,
  namespaces: ['$namespace'],
  clusters: ['$cluster'],
};

local query(expr, every) = {
  datasource: prometheus,
  expr: expr,
  editorMode: 'code',
  [if every != '' then 'interval']: every,
};

{
  // a line for each series
  lines(expr, legend, every=''):: query(expr, every) { range: true, legendFormat: legend },

  // one number, at the range's end
  number(expr, every=''):: query(expr, every) { instant: true, range: false },

  // the name of a series, at the range's end
  named(expr, legend):: query(expr, '') { instant: true, range: false, legendFormat: legend },

  // a column of a table, with a row for each series, at the range's end
  column(expr, every=''):: query(expr, every) { instant: true, range: false, format: 'table' },

  // The mesh as nodes and edges; options are those of the Meshscope data source. What stays in the mesh stays where it is
  // at each refresh.
  graph(options={}):: asked { queryType: 'graph', layout: 'layered' } + options,

  // A row for each node, or for each edge and protocol.
  nodes(options={}):: asked { queryType: 'nodes' } + options,
  edges(options={}):: asked { queryType: 'edges' } + options,
}
