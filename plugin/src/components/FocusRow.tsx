import { css } from '@emotion/css';
import { EditorRow } from '@grafana/plugin-ui';
import { Button } from '@grafana/ui';
import React, { useId, useState } from 'react';

import { directions, focusKinds, maxDepth, offered } from '../choices';
import { focusDefaults } from '../defaults';
import type { Focus, MeshQuery } from '../types';
import { ChoiceField } from './ChoiceField';
import { NameField } from './NameField';
import { NumberField } from './NumberField';
import { RadioField } from './RadioField';
import type { NameSource } from './useNames';

interface Props {
  source: NameSource;
  query: MeshQuery;
  change: (changed: Partial<MeshQuery>) => void;
}

const anyKind = { value: '', label: 'Any', description: 'Any of the names that a node has' };

/** What there are names of, for each kind. A name of any kind is most often that of a workload. */
const namesOf: Record<string, string> = {
  app: 'apps',
  service: 'services',
  namespace: 'namespaces',
  cluster: 'clusters',
};

const names = ({ cluster, namespace, name }: Focus) => Boolean(cluster || namespace || name);

/** A button, until a view is about something; then what it is about. */
export function FocusRow({ source, query, change }: Props) {
  // What names nothing yet is no focus, and not stored.
  const [draft, setDraft] = useState<Focus>();
  const focus = query.focus && Object.keys(query.focus).length > 0 ? query.focus : draft;

  const set = (changed: Focus | undefined) => {
    const isStored = query.focus !== undefined;
    setDraft(changed);
    if (changed && names(changed)) {
      change({ focus: changed });
    } else if (isStored) {
      change({ focus: undefined });
    }
  };

  if (!focus) {
    return (
      <EditorRow>
        <Button
          icon="plus"
          variant="secondary"
          size="sm"
          tooltip="Shows what is around a workload, a service, or another part of the mesh."
          onClick={() => setDraft({})}
        >
          Focus
        </Button>
      </EditorRow>
    );
  }
  return <FocusFields source={source} query={query} focus={focus} set={set} />;
}

/** In line with the fields, below their labels. */
const beside = css({ alignSelf: 'end' });

interface FieldsProps extends Omit<Props, 'change'> {
  focus: Focus;
  set: (focus: Focus | undefined) => void;
}

function FocusFields({ source, query, focus, set }: FieldsProps) {
  const id = useId();
  const kind = focus.kind ?? focusDefaults.kind;
  const direction = focus.direction || focusDefaults.direction;
  const clusters = focus.cluster ? [focus.cluster] : query.clusters;
  const namespaces = focus.namespace ? [focus.namespace] : query.namespaces;
  const put = (changed: Focus) => set({ ...focus, ...changed });
  return (
    <EditorRow>
      <ChoiceField
        inputId={`${id}-kind`}
        label="Focus on"
        tooltip="What the name is the name of."
        choices={[anyKind, ...focusKinds]}
        value={kind}
        onChange={(kind) => put({ kind: kind || undefined })}
      />
      <NameField
        inputId={`${id}-cluster`}
        label="Focus cluster"
        source={source}
        question={{ of: 'clusters' }}
        name={focus.cluster}
        onChange={(cluster) => put({ cluster })}
      />
      {kind !== 'cluster' && (
        <NameField
          inputId={`${id}-namespace`}
          label="Focus namespace"
          source={source}
          question={{ of: 'namespaces', clusters }}
          name={focus.namespace}
          onChange={(namespace) => put({ namespace })}
        />
      )}
      <NameField
        inputId={`${id}-name`}
        label="Focus name"
        tooltip="A name or a glob such as cart-*. Without one, all of the namespace or cluster."
        source={source}
        question={{ of: namesOf[kind] ?? 'workloads', clusters, namespaces }}
        name={focus.name}
        onChange={(name) => put({ name })}
      />
      <NumberField
        inputId={`${id}-depth`}
        label="Depth"
        tooltip="How many calls away a node may be."
        most={maxDepth}
        value={focus.depth || focusDefaults.depth}
        onChange={(depth) => put({ depth })}
      />
      <RadioField
        label="Direction"
        tooltip="Who calls it, what it calls, or both."
        choices={offered(directions, direction)}
        value={direction}
        onChange={(direction) => put({ direction })}
      />
      <Button
        className={beside}
        icon="times"
        variant="secondary"
        aria-label="Clear the focus"
        onClick={() => set(undefined)}
      >
        Clear
      </Button>
    </EditorRow>
  );
}
