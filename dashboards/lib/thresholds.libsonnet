// From which values on numbers have which colour. What is healthy has that of
// text, or none in cells that are filled with it.
local steps(base, above=[]) = {
  mode: 'absolute',
  steps: [{ value: null, color: base }] + [{ value: step[0], color: step[1] } for step in above],
};
local warning = 'orange', failure = 'red';

{
  none: steps('text'),

  // even one
  any: steps('text', [[1, failure]]),

  // What a verdict is called.
  health: [{
    type: 'value',
    options: {
      [std.toString(verdict[0])]: { text: verdict[1], color: verdict[2], index: verdict[0] }
      for verdict in [[0, 'Healthy', 'text'], [1, 'Not Ready', 'text'], [2, 'Degraded', warning], [3, 'Failure', failure]]
    },
  }],

  // A few calls that fail are usual: 404 and the like are errors too.
  errorRatio(base='text'):: steps(base, [[0.05, warning], [0.1, failure]]),

  // Much of what comes from outside of a mesh is plain text.
  mtlsOfMesh: steps('text', [[0, failure], [0.5, warning], [0.8, 'text']]),
  mtlsOfEdge: steps('text', [[0, warning], [0.99995, 'text']]),

  // An exporter withdraws its map after five minutes without a refresh, unless configured otherwise.
  age: steps('text', [[120, warning], [300, failure]]),

  // The colours of requests by what they ended with (edges.responses): what is well is muted.
  responses: [
    { matcher: { id: 'byRegexp', options: pattern }, properties: [{ id: 'color', value: { mode: 'shades', fixedColor: color } }] }
    for pattern_color in [['/^[123]/', 'green'], ['/^4/', 'orange'], ['/^(5|0|-)|gRPC [^0]/', 'red']]
    for pattern in [pattern_color[0]]
    for color in [pattern_color[1]]
  ],

  // Verdicts as bars: health is there, and says nothing.
  verdicts: [{
    type: 'value',
    options: {
      [std.toString(verdict[0])]: { text: verdict[1], color: verdict[2], index: verdict[0] }
      for verdict in [[0, 'Healthy', 'rgba(115, 191, 105, 0.35)'], [1, 'Not Ready', 'rgba(128, 128, 128, 0.5)'], [2, 'Degraded', warning], [3, 'Failure', failure]]
    },
  }],
}
