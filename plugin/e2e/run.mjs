// Runs the end-to-end tests in the Grafana of GRAFANA_URL, or says that there is none.
import { spawnSync } from 'node:child_process';

const url = process.env.GRAFANA_URL;
if (!url) {
  console.log(
    'skipped, for want of GRAFANA_URL (a Grafana with the plugin, such as http://127.0.0.1:3000): the plugin in a browser, in plugin/e2e'
  );
  process.exit(0);
}

try {
  const answer = await fetch(new URL('/api/health', url));
  const { version } = await answer.json();
  console.log(`end-to-end tests in Grafana ${version} at ${url}`);
} catch (error) {
  console.error(`GRAFANA_URL is ${url}, where no Grafana answers: ${error.cause?.message ?? error.message}`);
  process.exit(1);
}

const { status } = spawnSync('npx', ['playwright', 'test', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
