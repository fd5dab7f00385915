// Panels. Healthy is quiet: numbers have the colour of text until they pass a threshold.
local empty = import 'empty.libsonnet';
local thresholds = import 'thresholds.libsonnet';

local letters = std.stringChars('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
local numbered(targets) = std.mapWithIndex(function(i, target) target { refId: letters[i] }, targets);

local panel(id, type, title, description, targets) = {
  id: id,
  type: type,
  title: title,
  description: description,
  datasource: targets[0].datasource,
  targets: numbered(targets),
  pluginVersion: '11.1.0',
};

{
  // Overrides: series are drawn below zero, or in one colour.
  below(pattern):: [{ matcher: { id: 'byRegexp', options: pattern }, properties: [{ id: 'custom.transform', value: 'negative-Y' }] }],
  fixed(pattern, color):: [{ matcher: { id: 'byRegexp', options: pattern }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }] }],

  // One number.
  // mappings are names for values; textMode 'name' shows the name of the series instead of its value.
  stat(id, title, description, query, unit, noValue, steps=thresholds.none, decimals=null, mappings=[], textMode='value', links=[])::
    panel(id, 'stat', title, description, [query]) {
      fieldConfig: {
        defaults: {
          unit: unit,
          noValue: noValue,
          color: { mode: 'thresholds' },
          thresholds: steps,
          [if decimals != null then 'decimals']: decimals,
          [if mappings != [] then 'mappings']: mappings,
          [if links != [] then 'links']: links,
        },
        overrides: [],
      },
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        textMode: textMode,
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      },
    },

  timeSeries(id, title, description, targets, unit, noValue, custom={}, overrides=[], min=0, max=null, links=[])::
    panel(id, 'timeseries', title, description, targets) {
      maxDataPoints: 120,  // a store works for each point of each series
      fieldConfig: {
        defaults: {
          unit: unit,
          noValue: noValue,
          [if min != null then 'min']: min,
          [if max != null then 'max']: max,
          [if links != [] then 'links']: links,
          color: { mode: 'palette-classic' },
          custom: {
            drawStyle: 'line',
            lineInterpolation: 'linear',
            lineWidth: 1,
            fillOpacity: 8,
            gradientMode: 'none',
            showPoints: 'never',
            spanNulls: false,
            axisBorderShow: false,
          } + custom,
        },
        overrides: overrides,
      },
      options: {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  // The values of all queries side by side, joined by their labels. A column
  // has a field (a label, or the letter of a query), a name, and a width if it
  // is narrow; those of queries have a unit too, and if need be names for their values, and
  // thresholds with a kind of cells. All may have links (links.libsonnet).
  // Hidden fields are there for links alone.
  table(id, title, description, targets, columns, noValue, sortBy, hidden=[])::
    panel(id, 'table', title, description, targets) {
      local isNumber(c) = std.member(letters, c.field),
      // Grafana names the value of a query that is alone without its letter.
      local fieldOf(c) = if !isNumber(c) then c.field else if std.length(targets) > 1 then 'Value #' + c.field else 'Value',
      local name = [{ id: 'custom.filterable', value: true }, { id: 'unit', value: 'string' }],  // 007 is not 7
      fieldConfig: {
        defaults: {
          unit: 'short',
          noValue: noValue,
          custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: false, inspect: false },
          color: { mode: 'thresholds' },
          thresholds: thresholds.none,
        },
        overrides: [
          {
            matcher: { id: 'byName', options: c.name },
            properties:
              (if std.objectHas(c, 'width') then [{ id: 'custom.width', value: c.width }] else []) +
              [{ id: 'noValue', value: '–' }] +
              (if isNumber(c) then [{ id: 'unit', value: c.unit }] else name) +
              (if std.objectHas(c, 'links') then [{ id: 'links', value: c.links }] else []) +
              (if std.objectHas(c, 'mappings') then [{ id: 'mappings', value: c.mappings }] else []) +
              (if std.objectHas(c, 'thresholds') then [
                 { id: 'thresholds', value: c.thresholds },
                 { id: 'custom.cellOptions', value: { type: c.cells, mode: 'basic' } },
               ] else []),
          }
          for c in columns
        ] + [
          { matcher: { id: 'byName', options: name }, properties: [{ id: 'custom.hidden', value: true }] }
          for name in hidden
        ],
      },
      options: {
        cellHeight: 'sm',
        showHeader: true,
        sortBy: [{ displayName: sortBy, desc: true }],
      },
      transformations: [{ id: 'merge', options: {} }] + (if std.length(targets) > 1 then empty('Time') else []) + [
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true },
            indexByName: { [fieldOf(columns[i])]: i for i in std.range(0, std.length(columns) - 1) },
            renameByName: { [fieldOf(c)]: c.name for c in columns },
          },
        },
      ],
    },

  // What a table of the Meshscope data source has, in these columns. Each has a field by the title that the data source
  // gives it, and a name, and may have what those of table have. Units, and names for verdicts, come with the data.
  // A query of a store after the first has labels named as the fields of the data source, by which rows are joined.
  list(id, title, description, targets, columns, noValue)::
    panel(id, 'table', title, description, targets) {
      [if std.length(targets) > 1 then 'datasource']: { type: 'datasource', uid: '-- Mixed --' },
      fieldConfig: {
        defaults: {
          noValue: noValue,
          custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: false, inspect: false },
        },
        overrides: [
          {
            matcher: { id: 'byName', options: c.name },
            properties:
              (if std.objectHas(c, 'width') then [{ id: 'custom.width', value: c.width }] else []) +
              [{ id: 'noValue', value: '–' }, { id: 'custom.filterable', value: !std.objectHas(c, 'width') }] +
              (if std.objectHas(c, 'links') then [{ id: 'links', value: c.links }] else []) +
              (if std.objectHas(c, 'mappings') then [{ id: 'mappings', value: c.mappings }] else []) +
              (if std.objectHas(c, 'cells') then [{ id: 'custom.cellOptions', value: { type: c.cells, mode: 'basic' } }] else []) +
              (if std.objectHas(c, 'thresholds') then [
                 { id: 'color', value: { mode: 'thresholds' } },
                 { id: 'thresholds', value: c.thresholds },
               ] else []),
          }
          for c in columns
        ],
      },
      options: { cellHeight: 'sm', showHeader: true },
      transformations:
        (if std.length(targets) > 1 then [{ id: 'merge', options: {} }] else []) + [
          { id: 'filterFieldsByName', options: { include: { names: [c.field for c in columns] } } },
          {
            id: 'organize',
            options: {
              excludeByName: {},
              indexByName: { [columns[i].field]: i for i in std.range(0, std.length(columns) - 1) },
              renameByName: { [c.field]: c.name for c in columns },
            },
          },
        ],
    },

  // Verdicts and the like over time, with a bar for each series.
  timeline(id, title, description, targets, noValue, mappings, links=[])::
    panel(id, 'state-timeline', title, description, targets) {
      maxDataPoints: 120,
      fieldConfig: {
        defaults: {
          unit: 'short',
          noValue: noValue,
          mappings: mappings,
          color: { mode: 'fixed', fixedColor: 'text' },  // else names give way to thresholds
          custom: { lineWidth: 0, fillOpacity: 70, spanNulls: false },
          [if links != [] then 'links']: links,
        },
        overrides: [],
      },
      options: {
        mergeValues: true,
        showValue: 'auto',
        alignValue: 'left',
        rowHeight: 0.8,
        legend: { displayMode: 'list', placement: 'bottom', showLegend: false },
        tooltip: { mode: 'single', sort: 'none' },
      },
    },

  // How many fall into each bucket of a histogram, over time.
  heatmap(id, title, description, query, unit, noValue)::
    panel(id, 'heatmap', title, description, [query { format: 'heatmap' }]) {
      maxDataPoints: 60,
      fieldConfig: { defaults: { unit: unit, noValue: noValue, custom: { scaleDistribution: { type: 'linear' } } }, overrides: [] },
      options: {
        calculate: false,
        cellGap: 1,
        cellValues: { unit: 'reqps' },
        color: { mode: 'scheme', scheme: 'Blues', exponent: 0.5, fill: 'blue', scale: 'exponential', steps: 32, reverse: false },
        exemplars: { color: 'rgba(255,0,255,0.7)' },
        filterValues: { le: 1e-9 },
        legend: { show: false },
        rowsFrame: { layout: 'auto' },
        showValue: 'never',
        tooltip: { mode: 'single', showColorScale: false, yHistogram: false },
        yAxis: { axisPlacement: 'left', reverse: false, unit: unit },
      },
    },

  nodeGraph(id, title, description, query)::
    panel(id, 'nodeGraph', title, description, [query]) {
      fieldConfig: { defaults: {}, overrides: [] },
      options: {
        nodes: {},
        edges: {},
        zoomMode: 'cooperative',
        layoutAlgorithm: 'layered',
      },
    },
}
