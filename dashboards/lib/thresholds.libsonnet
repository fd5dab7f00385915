// From which values on numbers have which colour. What is healthy has that of
// text, or none in cells that are filled with it.
local steps(base, above=[]) = {
  mode: 'absolute',
  steps: [{ value: null, color: base }] + [{ value: step[0], color: step[1] } for step in above],
};
local warning = 'orange', failure = 'red';

{
  none: steps('text'),

  // A few calls that fail are usual: 404 and the like are errors too.
  errorRatio(base='text'):: steps(base, [[0.05, warning], [0.1, failure]]),

  // Much of what comes from outside of a mesh is plain text.
  mtlsOfMesh: steps('text', [[0, failure], [0.5, warning], [0.8, 'text']]),
  mtlsOfEdge: steps('text', [[0, warning], [0.99995, 'text']]),

  // An exporter withdraws its map after five minutes without a refresh, unless configured otherwise.
  age: steps('text', [[120, warning], [300, failure]]),
}
