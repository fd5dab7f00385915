// PromQL as text, with line breaks and indentation: it is read in Grafana's
// query editor.
local indented(text) = std.join('\n', ['  ' + line for line in std.split(text, '\n')]);

{
  indented:: indented,

  selector(metric, matchers=[]):: metric + (if matchers == [] then '' else '{' + std.join(', ', matchers) + '}'),

  rate(metric, matchers, over):: 'rate(%s[%s])' % [self.selector(metric, matchers), over],

  enclosed(text):: '(\n' + indented(text) + '\n)',

  // all series that one or more of the vectors have, each once
  union(vectors):: std.join('\nor\n', vectors),

  aggregate(operator, by, vector):: operator + (if by == [] then ' ' else ' by (' + std.join(', ', by) + ') ') + self.enclosed(vector),

  sum(by, vector):: self.aggregate('sum', by, vector),

  // nothing where the whole is 0
  ratio(part, whole):: part + '\n/\n' + self.enclosed(whole + ' > 0'),

  quantile(q, buckets):: 'histogram_quantile(%g, %s)' % [q, buckets],
}
