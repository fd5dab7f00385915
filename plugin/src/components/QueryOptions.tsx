import { EditorField, EditorSwitch, QueryOptionGroup } from '@grafana/plugin-ui';
import React, { useId } from 'react';

import { labelOf, layouts, limited, limits, offered } from '../choices';
import { backendDefaults, typeOf } from '../defaults';
import { says } from '../fields';
import type { MeshQuery } from '../types';
import { NumberField } from './NumberField';
import { OffsetField } from './OffsetField';
import { RadioField } from './RadioField';

interface Props {
  query: MeshQuery;
  change: (changed: Partial<MeshQuery>) => void;
}

const switches = [
  { field: 'idle', label: 'Idle edges', tooltip: 'Shows edges without traffic in the range.' },
  { field: 'waypoints', label: 'Waypoints', tooltip: 'Shows the hops through waypoints instead of the calls alone.' },
  {
    field: 'serviceNodes',
    label: 'Service nodes',
    tooltip: 'Shows the services that were called between callers and what they reached.',
  },
] as const;

/** What is seldom changed, and told in a line while it is closed. */
export function QueryOptions({ query, change }: Props) {
  const id = useId();
  const type = typeOf(query);
  const { byDefault, most } = limits[type];
  const limit = query.limit || byDefault;
  const layout = query.layout || backendDefaults.layout;
  const shown = switches.filter(({ field }) => says(type, field));
  const told = [
    ...shown.map(({ field, label }) => `${label}: ${query[field] ? 'shown' : 'hidden'}`),
    ...(says(type, 'compareOffset') && query.compareOffset ? [`Compared with ${query.compareOffset} before`] : []),
    ...(says(type, 'layout') ? [`Layout: ${labelOf(layouts, layout).toLowerCase()}`] : []),
    `At most ${limit} ${limited[type]}`,
  ];
  return (
    <QueryOptionGroup title="Options" collapsedInfo={told}>
      {shown.map(({ field, label, tooltip }) => (
        <EditorField key={field} label={label} tooltip={tooltip} htmlFor={`${id}-${field}`}>
          <EditorSwitch
            id={`${id}-${field}`}
            value={query[field] ?? false}
            onChange={(event) => change({ [field]: event.currentTarget.checked })}
          />
        </EditorField>
      ))}
      {says(type, 'compareOffset') && (
        <OffsetField
          inputId={`${id}-compare`}
          value={query.compareOffset ?? ''}
          onChange={(compareOffset) => change({ compareOffset: compareOffset || undefined })}
        />
      )}
      {says(type, 'layout') && (
        <RadioField
          label="Layout"
          tooltip="Who places the nodes: the visualization, as its options say, or the data source, where who stays stays in its place at a refresh."
          choices={offered(layouts, layout)}
          value={layout}
          onChange={(layout) => change({ layout })}
        />
      )}
      <NumberField
        inputId={`${id}-limit`}
        label="Limit"
        tooltip={`The greatest number of ${limited[type]}. Unhealthy and busy ones come first, and a notice says what was left out.`}
        most={most}
        value={limit}
        onChange={(limit) => change({ limit })}
      />
    </QueryOptionGroup>
  );
}
