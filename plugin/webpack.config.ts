import CopyWebpackPlugin from 'copy-webpack-plugin';
import ReplaceInFileWebpackPlugin from 'replace-in-file-webpack-plugin';
import type { Configuration } from 'webpack';
import { merge } from 'webpack-merge';

import scaffold, { type Env } from './.config/webpack/webpack.config.ts';

/** The version to state, if the build was told one; else it is that of package.json. */
const version = process.env.VERSION;

/** The time of the sources, in seconds since 1970, if the build was told it: equal sources give equal files on any day. */
const epoch = process.env.SOURCE_DATE_EPOCH;

const replaced = [
  ...(version ? [{ search: /%VERSION%/g, replace: version }] : []),
  ...(epoch ? [{ search: /%TODAY%/g, replace: new Date(Number(epoch) * 1000).toISOString().substring(0, 10) }] : []),
];

const ours: Configuration = {
  module: {
    rules: [
      // Components of @grafana/plugin-ui import what only their neighbours use.
      { test: /node_modules\/(lodash|sql-formatter-plus)\//, sideEffects: false },
    ],
  },
  plugins: [
    // What plugin.json includes, from where it is made.
    new CopyWebpackPlugin({ patterns: [{ from: '../../dashboards/*.json', to: 'dashboards/[name][ext]' }] }),
    new ReplaceInFileWebpackPlugin([{ dir: 'dist', test: [/plugin\.json$/, /README\.md$/], rules: replaced }]),
  ],
};

/** The scaffold's, less what it copies as plugins within this one, of which there are none: it takes data of tests for some. */
async function scaffolded(env: Env): Promise<Configuration> {
  const config = await scaffold(env);
  for (const plugin of config.plugins ?? []) {
    if (plugin instanceof CopyWebpackPlugin) {
      const { patterns } = plugin as unknown as { patterns: Array<{ from: string }> };
      patterns.splice(0, patterns.length, ...patterns.filter(({ from }) => from !== '**/*.json'));
    }
  }
  return config;
}

// Ours come first: the scaffold's replace what is left.
export default async (env: Env): Promise<Configuration> => merge(ours, await scaffolded(env));
