import { defineConfig } from 'eslint/config';

import scaffold from './.config/eslint.config.mjs';

export default defineConfig([
  { ignores: ['.config/', 'coverage/', 'dist/', 'playwright-report/', 'test-results/'] },
  ...scaffold,
  {
    // Playwright's fixtures are functions named "use", which look like hooks.
    files: ['e2e/**/*'],
    rules: { 'react-hooks/rules-of-hooks': 'off' },
  },
]);
