import type { QueryEditorProps } from '@grafana/data';
import { EditorRows } from '@grafana/plugin-ui';
import { Text } from '@grafana/ui';
import React from 'react';

import type { MeshDataSource } from '../datasource';
import { fitting, newAnnotationQuery } from '../defaults';
import type { MeshOptions, MeshQuery } from '../types';
import { QueryFields } from './QueryFields';

type Props = QueryEditorProps<MeshDataSource, MeshQuery, MeshOptions>;

/** Annotations are changes of the mesh; the query says which. */
export function AnnotationEditor({ datasource, query, range, onChange, onRunQuery }: Props) {
  const current: MeshQuery = { ...newAnnotationQuery, ...query, queryType: 'changes' };

  const change = (changed: Partial<MeshQuery>) => {
    onChange(fitting({ ...current, ...changed }));
    onRunQuery();
  };

  return (
    <EditorRows>
      <Text element="p" color="secondary" variant="bodySmall">
        An annotation for each node and edge that came or went in the dashboard&apos;s time range.
      </Text>
      <QueryFields source={{ datasource, range }} query={current} change={change} />
    </EditorRows>
  );
}
