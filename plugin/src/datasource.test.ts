import { CoreApp } from '@grafana/data';

import { MeshDataSource } from './datasource';
import { dashboard, onAll } from './testing/dashboard';
import { settings } from './testing/source';
import type { MeshQuery } from './types';

function on(variables: Parameters<typeof dashboard>[0] = {}) {
  return new MeshDataSource(settings, dashboard(variables));
}

/** What becomes of a list of namespaces. */
function namespaces(list: string[], variables: Parameters<typeof dashboard>[0] = {}, scope = {}) {
  return on(variables).applyTemplateVariables({ refId: 'A', level: 'app', namespaces: list }, scope).namespaces;
}

describe('variables in lists', () => {
  it.each(['$ns', '${ns}', '[[ns]]', '${ns:regex}', '${ns:csv}', '[[ns:pipe]]'])('takes the values of %s', (text) => {
    expect(namespaces([text], { ns: { value: ['shop', 'shop.eu'] } })).toEqual(['shop', 'shop.eu']);
  });

  it.each([
    ['a comma', 'a,b'],
    ['quotes', `o'hara "x"`],
    ['braces', '{a,b}'],
    ['a dot', 'v1.2'],
    ['regular expressions', 'a|b.*\\d$'],
    ['a glob', 'shop-*'],
    ['the sign of a variable', '$other'],
    ['a replacement pattern', "$&$'"],
  ])('leaves a value with %s as it is', (_, value) => {
    const other = { value: 'wrong' };
    expect(namespaces(['$ns'], { ns: { value }, other })).toEqual([value]);
    expect(namespaces(['$ns'], { ns: { value: [value, 'second'] }, other })).toEqual([value, 'second']);
  });

  it('keeps names that are no variables', () => {
    expect(namespaces(['a,b', 'shop-*', '{x}', '$missing'])).toEqual(['a,b', 'shop-*', '{x}', '$missing']);
  });

  it('makes "All" the empty list, whatever else is in it', () => {
    const ns = onAll(['shop', 'bookinfo']);
    expect(namespaces(['$ns'], { ns })).toEqual([]);
    expect(namespaces(['istio-system', '${ns:regex}'], { ns })).toEqual([]);
    expect(namespaces(['$ns'], { ns: onAll([]) })).toEqual([]);
  });

  it('makes "All" the empty list where the dashboard has an expression for it', () => {
    expect(namespaces(['$ns'], { ns: onAll(['shop'], '.*') })).toEqual([]);
  });

  it('knows a name "All" from all', () => {
    expect(namespaces(['All'])).toEqual(['All']);
    expect(namespaces(['$ns'], { ns: { value: 'All' } })).toEqual(['All']);
    expect(namespaces(['$ns'], { ns: { value: ['All'] } })).toEqual(['All']);
  });

  it('takes the value of a repeated panel before that of the dashboard', () => {
    const scope = { ns: { value: 'bookinfo', text: 'bookinfo' } };
    expect(namespaces(['$ns'], { ns: onAll(['shop', 'bookinfo']) }, scope)).toEqual(['bookinfo']);
  });

  it('expands a variable within a text', () => {
    const variables = { env: { value: ['dev', 'prod'] }, team: { value: ['a,b', 'c'] } };
    expect(namespaces(['${env}-shop', 'x'], variables)).toEqual(['dev-shop', 'prod-shop', 'x']);
    expect(namespaces(['$env/$team'], variables)).toEqual(['dev/a,b', 'dev/c', 'prod/a,b', 'prod/c']);
  });

  it('has each name once, and no empty one', () => {
    const variables = { ns: { value: ['shop', 'bookinfo'] }, empty: { value: '' }, none: { value: [] } };
    expect(namespaces(['shop', '$ns'], variables)).toEqual(['shop', 'bookinfo']);
    expect(namespaces(['$empty', 'shop', '$none'], variables)).toEqual(['shop']);
    expect(namespaces(['$empty'], variables)).toEqual([]);
  });
});

it('puts variables into every field that can hold them', () => {
  const stored: MeshQuery = {
    refId: 'A',
    level: '$level',
    namespaces: ['$one'],
    clusters: ['$many'],
    focus: { kind: '$kind', cluster: '$cluster', namespace: '$one', name: '${one}-*', depth: 2, direction: '$way' },
    protocols: ['$protocols'],
    filter: 'node.namespace in $many && node.name == "$one"',
    highlight: 'edge.p95 > $slow',
    nodeStats: ['$stat', 'errorRatio'],
    edgeStats: ['$stat'],
    colorBy: '${color}',
    layout: '$layout',
    compareOffset: '$before',
    entity: '$entity',
    stats: ['$stat'],
    of: '$of',
    idle: true,
    limit: 20,
  };
  const before = JSON.stringify(stored);
  const source = on({
    level: { value: 'service' },
    one: { value: 'shop' },
    many: { value: ['eu', 'us'] },
    kind: { value: 'app' },
    cluster: onAll(['eu', 'us']),
    way: { value: 'in' },
    protocols: onAll(['http', 'grpc', 'tcp']),
    slow: { value: '0.5' },
    stat: { value: 'p95' },
    color: { value: 'mtls' },
    layout: { value: 'layered' },
    before: { value: '1d' },
    entity: { value: 'edge' },
    of: { value: 'apps' },
  });
  expect(source.applyTemplateVariables(stored, {})).toEqual({
    refId: 'A',
    level: 'service',
    namespaces: ['shop'],
    clusters: ['eu', 'us'],
    focus: { kind: 'app', cluster: '', namespace: 'shop', name: 'shop-*', depth: 2, direction: 'in' },
    protocols: [],
    filter: 'node.namespace in ["eu", "us"] && node.name == "shop"',
    highlight: 'edge.p95 > 0.5',
    nodeStats: ['p95', 'errorRatio'],
    edgeStats: ['p95'],
    colorBy: 'mtls',
    layout: 'layered',
    compareOffset: '1d',
    entity: 'edge',
    stats: ['p95'],
    of: 'apps',
    idle: true,
    limit: 20,
  });
  expect(JSON.stringify(stored)).toBe(before);
});

describe('a focus', () => {
  const focus = (stored: MeshQuery['focus'], variables: Parameters<typeof dashboard>[0]) =>
    on(variables).applyTemplateVariables({ refId: 'A', focus: stored }, {}).focus;

  it('is none where all that it names is "All"', () => {
    const name = onAll(['cart', 'bank']);
    expect(focus({ kind: 'app', name: '$name' }, { name })).toBeUndefined();
    expect(focus({ kind: 'app', name: '$name', namespace: 'shop' }, { name })).toMatchObject({ namespace: 'shop' });
  });

  it('takes names as they are, whatever format is asked for', () => {
    expect(focus({ name: '${name:regex}' }, { name: { value: 'v1.2' } })?.name).toBe('v1.2');
    expect(focus({ name: '$name' }, { name: { value: '$other' }, other: { value: 'wrong' } })?.name).toBe('$other');
  });
});

describe('queries', () => {
  it('are hidden or run: the backend says what is wrong with the others', () => {
    const source = on();
    expect(source.filterQuery({ refId: 'A', hide: true })).toBe(false);
    expect(source.filterQuery({ refId: 'A' })).toBe(true);
    expect(source.filterQuery({ refId: 'A', queryType: 'traffic', schemaVersion: 2 })).toBe(true);
  });

  it('say something in Explore, which does not run them else', () => {
    const datasource = { uid: 'mesh' };
    const opened = on({ ns: { value: ['shop', 'bookinfo'] } }).interpolateVariablesInQueries(
      [
        { refId: 'A', datasource },
        { refId: 'B', datasource, namespaces: ['$ns'] },
      ],
      {}
    );
    expect(opened).toEqual([
      { refId: 'A', datasource, schemaVersion: 1, queryType: 'graph', level: 'workload' },
      { refId: 'B', datasource, namespaces: ['shop', 'bookinfo'] },
    ]);
  });

  it('begin as something that the backend draws', () => {
    expect(on().getDefaultQuery(CoreApp.PanelEditor)).toEqual({
      schemaVersion: 1,
      queryType: 'graph',
      level: 'workload',
    });
    expect(on().getDefaultQuery(CoreApp.Explore).queryType).toBe('graph');
  });

  it('of alert rules begin as something that these can evaluate', () => {
    expect(on().getDefaultQuery(CoreApp.UnifiedAlerting)).toMatchObject({ queryType: 'health', entity: 'node' });
  });

  it('have no steps that are shorter than the scrapes', () => {
    expect(on().interval).toBe('15s');
    const jsonData = { timeInterval: '1m' };
    expect(new MeshDataSource({ ...settings, jsonData }, dashboard({})).interval).toBe('1m');
  });

  it.each<[Partial<MeshQuery>, string]>([
    [{}, 'Graph by workload'],
    [{ level: '$level', namespaces: [] }, 'Graph by $level'],
    [
      { level: 'versionedApp', namespaces: ['shop-*', '$ns'], protocols: ['grpc'], colorBy: 'mtls' },
      'Graph by versioned app, namespaces shop-*, $ns, protocols gRPC, colored by Mutual TLS',
    ],
    [
      {
        focus: { kind: 'workload', namespace: 'shop', name: 'cart', depth: 2, direction: 'in' },
        filter: 'node.root',
        highlight: 'edge.p95 > 1',
        idle: true,
        serviceNodes: true,
        limit: 20,
      },
      'Graph by workload, around workload shop/cart to depth 2 in, where node.root, marking edge.p95 > 1, with idle edges, service nodes, at most 20 nodes',
    ],
    [{ queryType: 'nodes', level: 'app', colorBy: 'mtls', highlight: 'node.root' }, 'Nodes by app'],
    [{ queryType: 'edges', clusters: ['eu'], limit: 1000 }, 'Edges by workload, clusters eu'],
    [{ queryType: 'health', level: 'service' }, 'Health of nodes by service'],
    [{ queryType: 'traffic' }, 'Request rate of edges by workload'],
    [{ queryType: 'traffic', entity: 'node', stats: ['p95', '$stat'] }, 'p95 duration, $stat of nodes by workload'],
    [{ queryType: 'changes', level: 'namespace', limit: 20 }, 'Changes by namespace, at most 20 changes'],
    [{ queryType: 'values', of: 'apps', namespaces: ['shop'] }, 'Names of apps, namespaces shop'],
    [{ queryType: 'later', limit: 3 }, 'later by workload'],
  ])('are told in words: %j', (query, text) => {
    expect(on().getQueryDisplayText({ refId: 'A', ...query })).toBe(text);
  });
});
