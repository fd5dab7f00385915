import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no Prometheus can be run, if that is so. */
export const noPrometheus = ['prometheus', 'promtool'].some(
  (name) => spawnSync(name, ['--version']).error !== undefined
)
  ? 'there is no prometheus: .ci/programs --build'
  : undefined;

/** Runs a Prometheus that scrapes nothing, and has the series of a text in OpenMetrics, if there is one. */
export async function runPrometheus(url: string, series?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const [config, text, data] = ['prometheus.yml', 'series.txt', 'data'].map((name) => join(folder, name));
  writeFileSync(config, '{}');
  if (series) {
    writeFileSync(text, series);
    const { status, stderr } = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, data]);
    if (status !== 0) {
      throw new Error(`promtool takes no blocks from the series: ${stderr}`);
    }
  }
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${new URL(url).host}`];
  const prometheus = spawn('prometheus', flags, { stdio: 'ignore' });
  const ended = once(prometheus, 'exit');
  for (let tried = 0; !(await isReady(url)); tried++) {
    if (tried > 600 || prometheus.exitCode !== null) {
      prometheus.kill();
      throw new Error(`no Prometheus is ready at ${url}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return async () => {
    prometheus.kill();
    await ended;
    rmSync(folder, { recursive: true });
  };
}

const isReady = (url: string) =>
  fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false
  );
