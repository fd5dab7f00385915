import type { QueryEditorProps } from '@grafana/data';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import React from 'react';

import type { MeshDataSource } from '../datasource';
import { fitting, isAlerting } from '../defaults';
import type { MeshOptions, MeshQuery } from '../types';
import { QueryFields } from './QueryFields';
import { TypeField } from './TypeField';
import { useFirstRun } from './useFirstRun';

type Props = QueryEditorProps<MeshDataSource, MeshQuery, MeshOptions>;

export function QueryEditor(props: Props) {
  const { app, datasource, query, range, onChange, onRunQuery } = props;
  useFirstRun(props);

  const change = (changed: Partial<MeshQuery>) => {
    onChange(fitting({ ...query, ...changed }));
    onRunQuery();
  };

  return (
    <EditorRows>
      <EditorRow>
        <TypeField query={query} isAlerting={isAlerting(app)} onChange={(queryType) => change({ queryType })} />
      </EditorRow>
      <QueryFields source={{ datasource, range }} query={query} change={change} />
    </EditorRows>
  );
}
