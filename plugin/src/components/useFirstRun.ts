import { CoreApp, type PanelData, type QueryEditorProps } from '@grafana/data';
import { useEffect, useRef } from 'react';

import type { MeshDataSource } from '../datasource';
import { isBare, newQuery } from '../defaults';
import type { MeshOptions, MeshQuery } from '../types';

type Props = QueryEditorProps<MeshDataSource, MeshQuery, MeshOptions>;

/** Runs the query when the editor opens, where Grafana leaves that to the user, who would look at an empty panel. */
export function useFirstRun({ app, data, datasource, query, onChange, onRunQuery }: Props) {
  const opened = useRef(false);

  useEffect(() => {
    if (opened.current) {
      return;
    }
    opened.current = true;
    if (app === CoreApp.Explore && isBare(query)) {
      // Explore does not run a query that says nothing.
      onChange({ ...newQuery, ...query });
      onRunQuery();
    }
    if (app === CoreApp.PanelEditor && !wasAsked(data, datasource.type)) {
      // A panel does not run the query that it begins with after a change of data source.
      onRunQuery();
    }
  });
}

/** Tells that a panel's data, or what it waits for, are answers of a type of data source. */
function wasAsked(data: PanelData | undefined, type: string): boolean {
  return data?.request?.targets.some((target) => target.datasource?.type === type) ?? false;
}
