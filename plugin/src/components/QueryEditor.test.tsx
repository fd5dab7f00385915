import {
  CoreApp,
  getDefaultTimeRange,
  toDataFrame,
  type DataQueryResponse,
  type PanelData,
  type TypedVariableModel,
} from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { of, Subject } from 'rxjs';

import { dashboard } from '../testing/dashboard';
import { answer, broken, meshSource } from '../testing/source';
import type { MeshQuery } from '../types';
import { QueryEditor } from './QueryEditor';

const namespace = { name: 'namespace', type: 'query', label: 'Namespace' };
const source = { name: 'source', type: 'datasource' };

beforeEach(() => {
  const variables = [namespace, source] as unknown as TypedVariableModel[];
  setTemplateSrv({ ...dashboard({}), getVariables: () => variables });
});

const ours = 'meshscope-topology-datasource';

/** What a panel has of a request to a type of data source. */
const asked = (type: string) => ({ request: { targets: [{ refId: 'A', datasource: { type } }] } }) as PanelData;

/** Shows the editor as a panel does that has its data: with the query that it last gave. */
function edit(first: Partial<MeshQuery> = {}, app = CoreApp.PanelEditor, data = asked(ours)) {
  const mesh = meshSource({ namespace: { value: 'pay' } });
  const ran = jest.fn<void, [MeshQuery]>();
  let last: MeshQuery = { refId: 'A', ...first };
  const range = getDefaultTimeRange();
  const Panel = () => {
    const [query, setQuery] = useState(last);
    const onChange = (changed: MeshQuery) => setQuery((last = changed));
    return (
      <QueryEditor
        app={app}
        data={data}
        range={range}
        datasource={mesh.source}
        query={query}
        onChange={onChange}
        onRunQuery={() => ran(last)}
      />
    );
  };
  render(<Panel />);
  return { user: userEvent.setup(), ran, range, ...mesh };
}

it('shows what the backend does with a query that says nothing', () => {
  const { ran } = edit();
  expect(screen.getByRole('radio', { name: 'Graph' })).toBeChecked();
  expect(screen.getByRole('radio', { name: 'Workload' })).toBeChecked();
  expect(screen.getByText('Outcome')).toBeInTheDocument();
  expect(screen.getAllByText('Request rate, Error ratio')).toHaveLength(2);
  expect(screen.getByText('At most 150 nodes')).toBeInTheDocument();
  expect(ran).not.toHaveBeenCalled();
});

it('changes the level and runs the query', async () => {
  const { user, ran } = edit({ namespaces: ['shop'] });
  await user.click(screen.getByRole('radio', { name: 'Namespace' }));
  expect(ran.mock.calls).toEqual([[{ refId: 'A', namespaces: ['shop'], level: 'namespace' }]]);
  expect(screen.getByRole('radio', { name: 'Namespace' })).toBeChecked();
});

describe('types', () => {
  const fields = [
    'Of',
    'Names of',
    'Level',
    'Stats',
    'Highlight',
    'Color by',
    'Node stats',
    'Edge stats',
    // What all types have.
    'Protocols',
    'Clusters',
    'Namespaces',
    'Filter',
  ];
  const all = ['Protocols', 'Clusters', 'Namespaces', 'Filter'];

  it.each<[string, string[]]>([
    ['graph', ['Level', 'Highlight', 'Color by', 'Node stats', 'Edge stats', ...all]],
    ['nodes', ['Level', 'Node stats', ...all]],
    ['edges', ['Level', 'Edge stats', ...all]],
    ['health', ['Of', 'Level', ...all]],
    ['traffic', ['Of', 'Level', 'Stats', ...all]],
    ['changes', ['Level', ...all]],
    ['values', ['Names of', ...all]],
  ])('%s have their own fields', (queryType, want) => {
    edit({ queryType });
    const shown = fields.filter((label) => screen.queryAllByLabelText(label, { exact: true }).length > 0);
    expect(shown.sort()).toEqual([...want].sort());
  });

  it('are changed without what another type allows alone', async () => {
    const { user, ran } = edit({
      queryType: 'nodes',
      level: 'versionedApp',
      limit: 5000,
      nodeStats: ['p50', 'p95', 'p99'],
      filter: 'node.root',
    });
    await user.click(screen.getByRole('radio', { name: 'Graph' }));
    expect(ran).toHaveBeenLastCalledWith({
      refId: 'A',
      queryType: 'graph',
      level: 'versionedApp',
      nodeStats: ['p50', 'p95'],
      filter: 'node.root',
    });
    await user.click(screen.getByRole('radio', { name: 'Health' }));
    expect(ran).toHaveBeenLastCalledWith(expect.objectContaining({ queryType: 'health', level: 'workload' }));
    expect(screen.queryByRole('radio', { name: 'Versioned app' })).not.toBeInTheDocument();
  });

  it('go to a level that verdicts are published of', async () => {
    const { user, ran } = edit({ queryType: 'health', level: 'app' });
    await user.click(within(screen.getByRole('radiogroup', { name: 'Of' })).getByRole('radio', { name: 'Edges' }));
    expect(ran.mock.calls).toEqual([[{ refId: 'A', queryType: 'health', entity: 'edge', level: 'workload' }]]);
    expect(within(screen.getByRole('radiogroup', { name: 'Level' })).getAllByRole('radio')).toHaveLength(1);
  });
});

describe('alert rules', () => {
  it('are offered what they can evaluate, with the reason', () => {
    edit({ queryType: 'health' }, CoreApp.UnifiedAlerting);
    const types = within(screen.getByRole('radiogroup', { name: 'Query type' })).getAllByRole('radio');
    expect(types).toHaveLength(2);
    expect(screen.getByRole('radio', { name: 'Health' })).toBeChecked();
    expect(screen.getByText(/Alert rules evaluate one number/)).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('say what is wrong with the query of a panel', async () => {
    const { user, ran } = edit({ queryType: 'graph', limit: 20 }, CoreApp.UnifiedAlerting);
    expect(screen.getByText('An alert rule cannot evaluate Graph')).toBeInTheDocument();
    await user.click(screen.getByRole('radio', { name: 'Traffic' }));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', queryType: 'traffic', limit: 20 });
    expect(screen.queryByText(/cannot evaluate/)).not.toBeInTheDocument();
  });
});

describe('names', () => {
  it('are added as they are typed, and taken away', async () => {
    const { user, ran } = edit();
    const namespaces = screen.getByLabelText('Namespaces');
    await user.type(namespaces, 'shop, inc{Enter}');
    await user.type(namespaces, 'book-* {Enter}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', namespaces: ['shop, inc', 'book-*'] });
    await user.click(screen.getAllByLabelText('Remove')[0]);
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', namespaces: ['book-*'] });
  });

  it('are offered with the variables that can be names', async () => {
    const { user, ran } = edit();
    await user.click(screen.getByLabelText('Clusters'));
    expect(screen.queryByText('$source')).not.toBeInTheDocument();
    await user.click(screen.getByText('$namespace'));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', clusters: ['$namespace'] });
  });

  it('come from the data of the panel’s range, and are asked for when they are looked at', async () => {
    const { user, ran, query, range } = edit();
    expect(query).not.toHaveBeenCalled();
    await user.click(screen.getByLabelText('Clusters'));
    await user.click(await screen.findByText('us'));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', clusters: ['us'] });
    expect(query.mock.calls[0][0]).toMatchObject({
      range,
      targets: [{ queryType: 'values', of: 'clusters', schemaVersion: 1 }],
    });
  });

  it('of namespaces are those of the chosen clusters', async () => {
    const { user } = edit({ clusters: ['us'] });
    await user.click(screen.getByLabelText('Namespaces'));
    expect(await screen.findByText('shop-us')).toBeInTheDocument();
    expect(screen.queryByText('shop')).not.toBeInTheDocument();
  });

  it('say that they are loading', async () => {
    const { user, query } = edit();
    const later = new Subject<DataQueryResponse>();
    query.mockReturnValue(later);
    await user.click(screen.getByLabelText('Namespaces'));
    expect(screen.getByTestId('Spinner')).toBeInTheDocument();
    later.next({ data: [answer({ refId: 'A', of: 'namespaces' })] });
    later.complete();
    expect(await screen.findByText('shop')).toBeInTheDocument();
    expect(screen.queryByTestId('Spinner')).not.toBeInTheDocument();
  });

  it('can be typed before there are any to choose from', async () => {
    const { user, ran, query } = edit();
    query.mockReturnValue(new Subject<DataQueryResponse>());
    await user.type(screen.getByLabelText('Namespaces'), 'book*{Enter}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', namespaces: ['book*'] });
  });

  it('say why there are none, and can be typed all the same', async () => {
    const { user, ran, query } = edit();
    query.mockImplementation(broken);
    const namespaces = screen.getByLabelText('Namespaces');
    await user.click(namespaces);
    const line = await screen.findByText('The names cannot be read');
    expect(screen.getByText('the store is away')).toBeInTheDocument();
    await user.click(line);
    expect(ran).not.toHaveBeenCalled();
    await user.type(namespaces, 'shop{Enter}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', namespaces: ['shop'] });
  });

  it('say that there are none in the range', async () => {
    const { user } = edit({ clusters: ['mars'] });
    await user.click(screen.getByLabelText('Namespaces'));
    expect(await screen.findByText('None in the time range')).toBeInTheDocument();
    expect(screen.getByText('A name or a glob can be typed')).toBeInTheDocument();
  });

  it('say why there are none, if the backend knows', async () => {
    const { user, query } = edit();
    const notices = [{ severity: 'warning' as const, text: 'There are no series of Istio in the store.' }];
    query.mockReturnValue(of({ data: [toDataFrame({ fields: [], meta: { notices } })] }));
    await user.click(screen.getByLabelText('Clusters'));
    expect(await screen.findByText('There are no series of Istio in the store.')).toBeInTheDocument();
  });

  it('say what the backend has to say in its answer', async () => {
    const { user, query } = edit();
    query.mockReturnValue(of({ data: [], errors: [{ refId: 'values', message: 'wrong password' }] }));
    await user.click(screen.getByLabelText('Clusters'));
    expect(await screen.findByText('wrong password')).toBeInTheDocument();
  });
});

describe('the focus', () => {
  it('is a button until it is used, and is stored once it names something', async () => {
    const { user, ran } = edit({ clusters: ['eu'] });
    expect(screen.queryByLabelText('Focus name')).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Focus' }));
    await user.type(screen.getByLabelText('Focus on'), 'Workload{Enter}');
    expect(ran).not.toHaveBeenCalled();
    await user.click(screen.getByLabelText('Focus name'));
    await user.click(await screen.findByText('bank'));
    expect(ran.mock.calls).toEqual([[{ refId: 'A', clusters: ['eu'], focus: { kind: 'workload', name: 'bank' } }]]);
  });

  it('offers names of the chosen kind and place', async () => {
    const { user, query } = edit({ namespaces: ['pay'], focus: { kind: 'service', cluster: 'eu' } });
    await user.click(screen.getByLabelText('Focus name'));
    await screen.findByText('bank');
    expect(query.mock.lastCall?.[0].targets[0]).toMatchObject({
      of: 'services',
      clusters: ['eu'],
      namespaces: ['pay'],
    });
  });

  it('is changed in depth and direction, and cleared', async () => {
    const { user, ran } = edit({ focus: { kind: 'app', namespace: 'shop', name: 'cart', version: 'v1' } });
    const depth = screen.getByLabelText('Depth');
    await user.clear(depth);
    await user.type(depth, '3{Enter}');
    await user.click(screen.getByRole('radio', { name: 'In' }));
    expect(ran).toHaveBeenLastCalledWith({
      refId: 'A',
      focus: { kind: 'app', namespace: 'shop', name: 'cart', version: 'v1', depth: 3, direction: 'in' },
    });
    await user.click(screen.getByRole('button', { name: 'Clear the focus' }));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', focus: undefined });
    expect(screen.queryByLabelText('Focus name')).not.toBeInTheDocument();
  });

  it('that names nothing any more is none, and stays in the editor', async () => {
    const { user, ran } = edit({ focus: { kind: 'app', name: 'cart' } });
    await user.click(screen.getByLabelText('Focus name'));
    await user.keyboard('{Backspace}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', focus: undefined });
    expect(screen.getByLabelText('Focus name')).toBeInTheDocument();
  });
});

describe('stats', () => {
  it('of a graph are two and no more', async () => {
    const { user, ran } = edit({ edgeStats: ['requestRate'] });
    const stats = screen.getByLabelText('Edge stats');
    await user.type(stats, 'p95{Enter}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', edgeStats: ['requestRate', 'p95'] });
    await user.type(stats, 'p99{Enter}');
    expect(ran).toHaveBeenCalledTimes(1);
  });

  it('of traffic are as many as one likes', async () => {
    const { user, ran } = edit({ queryType: 'traffic', stats: ['p50', 'p95'] });
    await user.type(screen.getByLabelText('Stats'), 'p99{Enter}');
    expect(ran).toHaveBeenLastCalledWith(expect.objectContaining({ stats: ['p50', 'p95', 'p99'] }));
  });
});

it('keeps a level and a color that are variables', async () => {
  const { user, ran } = edit({ level: '$level', colorBy: '$namespace' });
  expect(screen.getByRole('radio', { name: '$level' })).toBeChecked();
  await user.type(screen.getByLabelText('Color by'), 'latency{Enter}');
  expect(ran).toHaveBeenLastCalledWith({ refId: 'A', level: '$level', colorBy: 'latency' });
});

describe('options', () => {
  it('are told while they are closed', async () => {
    const { user, ran } = edit({ idle: true, limit: 20 });
    expect(screen.getByText('Idle edges: shown')).toBeInTheDocument();
    expect(screen.getByText('Service nodes: hidden')).toBeInTheDocument();
    expect(screen.getByText('At most 20 nodes')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    await user.click(screen.getByLabelText('Waypoints'));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', idle: true, limit: 20, waypoints: true });
    await user.click(screen.getByLabelText('Service nodes'));
    expect(ran).toHaveBeenLastCalledWith(expect.objectContaining({ serviceNodes: true }));
  });

  it('compare with an earlier range, by a duration or a variable', async () => {
    const { user, ran } = edit();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    const offset = screen.getByLabelText('Compare with');
    await user.type(offset, 'yesterday{Enter}');
    expect(screen.getByText('A duration such as 1h or 7d')).toBeInTheDocument();
    expect(ran).not.toHaveBeenCalled();
    await user.clear(offset);
    await user.type(offset, '1d');
    await user.tab();
    expect(ran.mock.calls).toEqual([[{ refId: 'A', compareOffset: '1d' }]]);
    expect(screen.getByText('Change')).toBeInTheDocument();
    await user.clear(offset);
    await user.type(offset, '$before{Enter}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', compareOffset: '$before' });
    await user.clear(offset);
    await user.type(offset, '{Enter}');
    expect(JSON.parse(JSON.stringify(ran.mock.lastCall?.[0]))).toEqual({ refId: 'A' });
    expect(screen.getByText('Outcome')).toBeInTheDocument();
  });

  it('say who places the nodes of a graph', async () => {
    const { user, ran } = edit();
    expect(screen.getByText('Layout: panel')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    await user.click(screen.getByRole('radio', { name: 'Layered' }));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', layout: 'layered' });
    expect(screen.getByRole('radio', { name: 'Layered' })).toBeChecked();
  });

  it('place nothing in a query of another type', async () => {
    const { user } = edit({ queryType: 'nodes', layout: 'layered' });
    expect(screen.queryByText(/Layout/)).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    expect(screen.queryByRole('radio', { name: 'Layered' })).not.toBeInTheDocument();
  });

  it.each(['traffic', 'health', 'changes'])('compare nothing in a query of type %s', async (queryType) => {
    const { user } = edit({ queryType, compareOffset: '1d' });
    expect(screen.queryByText(/Compared with/)).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    expect(screen.queryByLabelText('Compare with')).not.toBeInTheDocument();
  });

  it.each([
    ['graph', 200, '201'],
    ['traffic', 500, '501'],
  ])('take a limit that a query of type %s can have', async (queryType, most, tooMany) => {
    const { user, ran } = edit({ queryType });
    await user.click(screen.getByRole('button', { name: /Options/ }));
    const limit = screen.getByLabelText('Limit');
    await user.clear(limit);
    await user.type(limit, `${tooMany}{Enter}`);
    expect(screen.getByText(`From 1 to ${most}`)).toBeInTheDocument();
    expect(ran).not.toHaveBeenCalled();
    await user.clear(limit);
    await user.type(limit, '40');
    expect(ran).not.toHaveBeenCalled();
    await user.tab();
    expect(ran.mock.calls).toEqual([[{ refId: 'A', queryType, limit: 40 }]]);
  });
});

describe('expressions', () => {
  it('are completed, and taken when the field is left', async () => {
    const { user, ran } = edit();
    const filter = screen.getByRole('combobox', { name: 'Filter' });
    await user.type(filter, 'edge.er');
    const option = await screen.findByRole('option', { name: /errorRatio/ });
    expect(filter).toHaveAttribute('aria-expanded', 'true');
    await user.keyboard('{ArrowDown}');
    expect(filter).toHaveAttribute('aria-activedescendant', option.id);
    await user.keyboard('{Enter}');
    expect(filter).toHaveValue('edge.errorRatio');
    expect(ran).not.toHaveBeenCalled();
    await user.keyboard(' > 0.05');
    await user.tab();
    expect(ran.mock.calls).toEqual([[{ refId: 'A', filter: 'edge.errorRatio > 0.05' }]]);
    expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
  });

  it('show all of the list, also where the fields come later than the text', async () => {
    const shown: Array<[string | null, number]> = [];
    // jsdom lays nothing out, and has no such function.
    HTMLElement.prototype.scrollIntoView = function () {
      shown.push([this.getAttribute('role'), this.children.length]);
    };
    try {
      const { user } = edit();
      await user.type(screen.getByRole('combobox', { name: 'Filter' }), 'edge.');
      const list = await screen.findByRole('listbox');
      await screen.findByRole('option', { name: /errorRatio/ });
      expect(shown.at(-1)).toEqual(['listbox', list.children.length]);
    } finally {
      Reflect.deleteProperty(HTMLElement.prototype, 'scrollIntoView');
    }
  });

  it('are completed in their middle, by a click, with the caret behind it', async () => {
    const { user, ran } = edit({ filter: 'node.na == "cart"' });
    const filter = screen.getByRole<HTMLInputElement>('combobox', { name: 'Filter' });
    await user.click(filter);
    filter.setSelectionRange(7, 7);
    await user.keyboard('{Control>} {/Control}');
    await user.click(await screen.findByRole('option', { name: 'name text' }));
    expect(filter).toHaveValue('node.name == "cart"');
    expect(filter.selectionStart).toBe(9);
    await user.keyboard('{Enter}');
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', filter: 'node.name == "cart"' });
  });

  it('offer the variables of the dashboard, within quotes too', async () => {
    const { user } = edit();
    await user.type(screen.getByRole('combobox', { name: 'Highlight' }), 'node.namespace == "$na');
    expect(await screen.findByRole('option', { name: /\$namespace/ })).toBeInTheDocument();
  });

  it('leave the list by Escape and keep what is typed; without a text there is none stored', async () => {
    const { user, ran } = edit({ filter: 'node.root' });
    const filter = screen.getByRole('combobox', { name: 'Filter' });
    await user.clear(filter);
    await user.type(filter, 'no');
    await screen.findByRole('listbox');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
    expect(filter).toHaveValue('no');
    await user.clear(filter);
    await user.keyboard('{Enter}');
    expect(ran.mock.calls).toEqual([[{ refId: 'A', filter: undefined }]]);
  });

  it('have their error under them, once nothing is typed any more', async () => {
    const { user, postResource } = edit();
    postResource.mockResolvedValue({ error: 'edge has no field "eror"', line: 1, column: 6 });
    await user.type(screen.getByRole('combobox', { name: 'Filter' }), 'edge.eror > 1');
    expect(await screen.findByText('column 6: edge has no field "eror"')).toBeInTheDocument();
    expect(screen.getByRole('combobox', { name: 'Filter' })).toBeInvalid();
    expect(postResource.mock.lastCall).toEqual([
      'check-filter',
      { expression: 'edge.eror > 1' },
      { showErrorAlert: false },
    ]);
    expect(postResource.mock.calls.length).toBeLessThan(4);

    postResource.mockResolvedValue({ error: '' });
    await user.type(screen.getByRole('combobox', { name: 'Filter' }), '0');
    await waitFor(() => expect(screen.queryByText(/has no field/)).not.toBeInTheDocument());
  });

  it('are checked with the values of variables', async () => {
    const { postResource } = edit({ filter: 'node.namespace in $namespace' });
    await waitFor(() => expect(postResource).toHaveBeenCalled());
    expect(postResource.mock.lastCall?.[1]).toEqual({ expression: 'node.namespace in ["pay"]' });
  });

  it('say why nothing is offered', async () => {
    const { user, getResource } = edit();
    getResource.mockRejectedValue({ data: { message: 'plugin is away' } });
    await user.type(screen.getByRole('combobox', { name: 'Filter' }), 'n');
    expect(await screen.findByText('The fields cannot be read: plugin is away')).toBeInTheDocument();
  });

  it('ask what they can be made of once', async () => {
    const { user, getResource } = edit();
    await user.type(screen.getByRole('combobox', { name: 'Filter' }), 'n');
    await user.type(screen.getByRole('combobox', { name: 'Highlight' }), 'e');
    await screen.findByRole('option', { name: /^edge/ });
    expect(getResource.mock.calls).toEqual([['fields', undefined, { showErrorAlert: false }]]);
  });
});

it.each([
  ['was asked nothing', undefined],
  ['has the data of another source', asked('prometheus')],
])('runs the query of a panel that %s', async (_, data) => {
  const { user, ran } = edit({ level: 'app' }, CoreApp.PanelEditor, data ?? ({} as PanelData));
  expect(ran.mock.calls).toEqual([[{ refId: 'A', level: 'app' }]]);
  await user.click(screen.getByRole('radio', { name: 'Service' }));
  expect(ran).toHaveBeenCalledTimes(2);
});

describe('in Explore', () => {
  it('completes a query that says nothing, and runs it once', () => {
    const { ran } = edit({ datasource: { uid: 'mesh' } }, CoreApp.Explore);
    expect(ran.mock.calls).toEqual([
      [{ refId: 'A', datasource: { uid: 'mesh' }, schemaVersion: 1, queryType: 'graph', level: 'workload' }],
    ]);
  });

  it('leaves a query that says something', () => {
    const { ran } = edit({ namespaces: [] }, CoreApp.Explore);
    expect(ran).not.toHaveBeenCalled();
  });
});
