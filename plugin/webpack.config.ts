import ReplaceInFileWebpackPlugin from 'replace-in-file-webpack-plugin';
import type { Configuration } from 'webpack';
import { merge } from 'webpack-merge';

import scaffold, { type Env } from './.config/webpack/webpack.config.ts';

/** The version to state, if the build was told one; else it is that of package.json. */
const version = process.env.VERSION;

const ours: Configuration = {
  module: {
    rules: [
      // Components of @grafana/plugin-ui import what only their neighbours use.
      { test: /node_modules\/(lodash|sql-formatter-plus)\//, sideEffects: false },
    ],
  },
  plugins: version
    ? [
        new ReplaceInFileWebpackPlugin([
          { dir: 'dist', test: [/plugin\.json$/, /README\.md$/], rules: [{ search: /%VERSION%/g, replace: version }] },
        ]),
      ]
    : [],
};

// Ours come first: the scaffold's replace what is left.
export default async (env: Env): Promise<Configuration> => merge(ours, await scaffold(env));
