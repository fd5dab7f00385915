// Tests must not depend on where they run.
process.env.TZ = 'UTC';

const base = require('./.config/jest.config');
const [swc] = Object.values(base.transform);

module.exports = {
  ...base,
  // d3 has .mjs files, which the scaffold's pattern leaves out.
  transform: { '^.+\\.m?[jt]sx?$': swc },
  // Looking for roles is slow in jsdom, and more so on busy machines.
  testTimeout: 30_000,
};
