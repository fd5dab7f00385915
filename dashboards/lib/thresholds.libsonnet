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
}
