import type { QueryEditorProps } from '@grafana/data';
import { EditorRows } from '@grafana/plugin-ui';
import React from 'react';

import type { MeshDataSource } from '../datasource';
import { fitting } from '../defaults';
import type { MeshOptions, MeshQuery } from '../types';
import { variableQuery } from '../variableQuery';
import { QueryFields } from './QueryFields';

type Props = QueryEditorProps<MeshDataSource, MeshQuery, MeshOptions>;

/** Variables are names of the mesh; the query says of what. Other variables in it make a chain. */
export function VariableEditor({ datasource, query, range, onChange, onRunQuery }: Props) {
  const current = variableQuery(query);

  const change = (changed: Partial<MeshQuery>) => {
    onChange(fitting({ ...current, ...changed }));
    onRunQuery();
  };

  return (
    <EditorRows>
      <QueryFields source={{ datasource, range }} query={current} change={change} />
    </EditorRows>
  );
}
