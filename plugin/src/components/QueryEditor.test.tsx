import { CoreApp, type PanelData, type TypedVariableModel } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import type { MeshDataSource } from '../datasource';
import { dashboard } from '../testing/dashboard';
import type { MeshQuery } from '../types';
import { QueryEditor } from './QueryEditor';

const namespace = { name: 'namespace', type: 'query', label: 'Namespace' };
const source = { name: 'source', type: 'datasource' };

beforeEach(() => {
  const variables = [namespace, source] as unknown as TypedVariableModel[];
  setTemplateSrv({ ...dashboard({}), getVariables: () => variables });
});

const datasource = { type: 'meshscope-topology-datasource' } as MeshDataSource;

/** What a panel has of a request to a type of data source. */
const asked = (type: string) => ({ request: { targets: [{ refId: 'A', datasource: { type } }] } }) as PanelData;

/** Shows the editor as a panel does that has its data: with the query that it last gave. */
function edit(first: Partial<MeshQuery> = {}, app = CoreApp.PanelEditor, data = asked(datasource.type)) {
  const ran = jest.fn<void, [MeshQuery]>();
  let last: MeshQuery = { refId: 'A', ...first };
  const Panel = () => {
    const [query, setQuery] = useState(last);
    const onChange = (changed: MeshQuery) => setQuery((last = changed));
    return (
      <QueryEditor
        app={app}
        data={data}
        datasource={datasource}
        query={query}
        onChange={onChange}
        onRunQuery={() => ran(last)}
      />
    );
  };
  render(<Panel />);
  return { user: userEvent.setup(), ran };
}

it('shows what the backend does with a query that says nothing', () => {
  const { ran } = edit();
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

it('adds names as they are typed, and takes them away', async () => {
  const { user, ran } = edit();
  const namespaces = screen.getByLabelText('Namespaces');
  await user.type(namespaces, 'shop, inc{Enter}');
  await user.type(namespaces, 'book-* {Enter}');
  expect(ran).toHaveBeenLastCalledWith({ refId: 'A', namespaces: ['shop, inc', 'book-*'] });
  await user.click(screen.getAllByLabelText('Remove')[0]);
  expect(ran).toHaveBeenLastCalledWith({ refId: 'A', namespaces: ['book-*'] });
});

it('offers the variables that can be names', async () => {
  const { user, ran } = edit();
  await user.click(screen.getByLabelText('Clusters'));
  expect(screen.queryByText('$source')).not.toBeInTheDocument();
  await user.click(screen.getByText('$namespace'));
  expect(ran).toHaveBeenLastCalledWith({ refId: 'A', clusters: ['$namespace'] });
});

it('takes two stats and no more', async () => {
  const { user, ran } = edit({ edgeStats: ['requestRate'] });
  const stats = screen.getByLabelText('Edge stats');
  await user.type(stats, 'p95{Enter}');
  expect(ran).toHaveBeenLastCalledWith({ refId: 'A', edgeStats: ['requestRate', 'p95'] });
  await user.type(stats, 'p99{Enter}');
  expect(ran).toHaveBeenCalledTimes(1);
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
    expect(screen.getByText('At most 20 nodes')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    await user.click(screen.getByLabelText('Waypoints'));
    expect(ran).toHaveBeenLastCalledWith({ refId: 'A', idle: true, limit: 20, waypoints: true });
  });

  it('take a limit that the panel can draw', async () => {
    const { user, ran } = edit();
    await user.click(screen.getByRole('button', { name: /Options/ }));
    const limit = screen.getByLabelText('Limit');
    await user.clear(limit);
    await user.type(limit, '201{Enter}');
    expect(screen.getByText('From 1 to 200')).toBeInTheDocument();
    expect(ran).not.toHaveBeenCalled();
    await user.clear(limit);
    await user.type(limit, '40');
    expect(ran).not.toHaveBeenCalled();
    await user.tab();
    expect(ran.mock.calls).toEqual([[{ refId: 'A', limit: 40 }]]);
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
