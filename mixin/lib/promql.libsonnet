{
  // A selector of a metric by those of the matchers that are not empty.
  select(metric, matchers=[])::
    local given = std.filter(function(m) m != '', matchers);
    metric + (if given == [] then '' else '{' + std.join(', ', given) + '}'),

  // expr with its labels under other names: an object of the new name of each.
  rename(expr, names)::
    std.foldl(
      function(expr, old) |||
        label_replace(
          %s,
          "%s", "$1", "%s", "(.*)"
        )
      ||| % [$.indent(expr, 2), names[old], old],
      std.objectFields(names),
      expr
    ),

  // An expression of one or more lines, all but the first of them deeper by some spaces: to be put where the first is.
  indent(expr, spaces)::
    std.strReplace(std.rstripChars(expr, '\n'), '\n', '\n' + std.repeat(' ', spaces)),

  // expr, where label has the value of other if its own is unknown. It leaves a label tmp behind, to be summed away.
  fallback(expr, label, other)::
    |||
      label_replace(
        label_join(
          %(expr)s,
          "tmp", "/", "%(label)s", "%(other)s"
        ),
        "%(label)s", "$1", "tmp", "unknown/(.+)"
      )
    ||| % { expr: $.indent(expr, 4), label: label, other: other },
}
