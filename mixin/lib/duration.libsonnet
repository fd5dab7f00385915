{
  local units = { s: 1, m: 60, h: 60 * 60, d: 24 * 60 * 60, w: 7 * 24 * 60 * 60 },

  // The seconds of a Prometheus duration of one unit, such as 90s or 1h.
  seconds(text)::
    local unit = text[std.length(text) - 1];
    assert std.objectHas(units, unit) : 'not a duration of one unit (s, m, h, d, w): ' + text;
    std.parseInt(std.substr(text, 0, std.length(text) - 1)) * units[unit],
}
