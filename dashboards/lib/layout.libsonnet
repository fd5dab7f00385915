// Where panels are: rows from top to bottom, each of stacks from left to right.
local columns = 24;

local place(panel, x, y, w, h) = panel { gridPos: { x: x, y: y, w: w, h: h } };

local before(list, i, size) = std.foldl(function(sum, item) sum + size(item), list[:i], 0);

{
  // one panel, or several of the same height on top of each other
  stack(width, panels):: { width: width, panels: panels },

  row(height, stacks):: { height: height, stacks: stacks },

  // panels of the same width side by side
  even(height, panels):: self.row(height, [self.stack(columns / std.length(panels), [p]) for p in panels]),

  panels(rows):: [
    local row = rows[r], stack = row.stacks[s], height = row.height / std.length(stack.panels);
    assert height == std.floor(height) : 'a row of height %d cannot be divided into %d panels' % [row.height, std.length(stack.panels)];
    place(
      stack.panels[p],
      x=before(row.stacks, s, function(stack) stack.width),
      y=before(rows, r, function(row) row.height) + p * height,
      w=stack.width,
      h=height,
    )
    for r in std.range(0, std.length(rows) - 1)
    for s in std.range(0, std.length(rows[r].stacks) - 1)
    for p in std.range(0, std.length(rows[r].stacks[s].panels) - 1)
  ],
}
