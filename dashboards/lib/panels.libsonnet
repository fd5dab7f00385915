// Panels. Healthy is quiet: numbers have the colour of text until they pass a threshold.
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
  // One number.
  stat(id, title, description, query, unit, noValue, steps=thresholds.none, decimals=null)::
    panel(id, 'stat', title, description, [query]) {
      fieldConfig: {
        defaults: {
          unit: unit,
          noValue: noValue,
          color: { mode: 'thresholds' },
          thresholds: steps,
          [if decimals != null then 'decimals']: decimals,
        },
        overrides: [],
      },
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        textMode: 'value',
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      },
    },

  timeSeries(id, title, description, targets, unit, noValue, custom={}, overrides=[], min=0, max=null)::
    panel(id, 'timeseries', title, description, targets) {
      maxDataPoints: 120,  // a store works for each point of each series
      fieldConfig: {
        defaults: {
          unit: unit,
          noValue: noValue,
          [if min != null then 'min']: min,
          [if max != null then 'max']: max,
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
  // thresholds with a kind of cells.
  table(id, title, description, targets, columns, noValue, sortBy)::
    panel(id, 'table', title, description, targets) {
      local isNumber(c) = std.member(letters, c.field),
      local fieldOf(c) = if isNumber(c) then 'Value #' + c.field else c.field,
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
              (if isNumber(c) then [{ id: 'unit', value: c.unit }] else [{ id: 'custom.filterable', value: true }]) +
              (if std.objectHas(c, 'mappings') then [{ id: 'mappings', value: c.mappings }] else []) +
              (if std.objectHas(c, 'thresholds') then [
                 { id: 'thresholds', value: c.thresholds },
                 { id: 'custom.cellOptions', value: { type: c.cells, mode: 'basic' } },
               ] else []),
          }
          for c in columns
        ],
      },
      options: {
        cellHeight: 'sm',
        showHeader: true,
        sortBy: [{ displayName: sortBy, desc: true }],
      },
      transformations: [
        { id: 'merge', options: {} },
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
