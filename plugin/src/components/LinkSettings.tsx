// Grafana 11.1 has no Combobox, which is what Select is deprecated in favour of.
/* eslint-disable @typescript-eslint/no-deprecated */
import { ConfigSection, ConfigSubSection } from '@grafana/plugin-ui';
import { getDataSourceSrv } from '@grafana/runtime';
import { Button, Field, InlineField, Input, RadioButtonGroup, Select, Space, TextArea } from '@grafana/ui';
import React, { useState } from 'react';

import type { Choice } from '../choices';
import { proposals, readQuery } from '../links';
import type { MeshLink, MeshOptions } from '../types';

interface Props {
  options: MeshOptions;
  change: (changed: Partial<MeshOptions>) => void;
  readOnly?: boolean;
}

const entities = [
  { value: 'node' as const, label: 'Nodes' },
  { value: 'edge' as const, label: 'Edges' },
];

const labelWidth = 20;

/** One that is not there, or not to be seen by who looks. */
const unknown = (uid: string): Choice => ({ value: uid, label: uid });

/** What nodes and edges of graphs are linked to. What is wrong with a template, Save & test tells. */
export function LinkSettings({ options, change, readOnly }: Props) {
  const links = options.links ?? [];
  const stores = getDataSourceSrv()
    .getList({ type: 'prometheus' })
    .map(({ uid, name }) => ({ value: uid, label: name }));
  const isChosen = ({ value }: Choice) => value === options.prometheusUid;
  const put = (all: MeshLink[]) => change({ links: all.length > 0 ? all : undefined });

  return (
    <ConfigSection title="Links" description="What the menus of nodes and edges of a graph lead to.">
      <Field
        label="PromQL in Explore"
        description="The Prometheus data source of the same store. Then nodes and edges lead to their series."
        htmlFor="prometheus-uid"
        disabled={readOnly}
      >
        <Select
          inputId="prometheus-uid"
          placeholder="None"
          isClearable
          width={40}
          options={stores}
          value={options.prometheusUid ? (stores.find(isChosen) ?? unknown(options.prometheusUid)) : null}
          disabled={readOnly}
          onChange={(chosen) => change({ prometheusUid: (chosen as Choice | null)?.value })}
        />
      </Field>
      {links.map((link, i) => (
        <LinkFields
          key={`${i} of ${links.length}`}
          number={i + 1}
          link={link}
          readOnly={readOnly}
          change={(changed) => put(links.map((other, at) => (at === i ? changed : other)))}
          remove={() => put(links.filter((_, at) => at !== i))}
        />
      ))}
      {!readOnly && (
        <Select
          aria-label="Add link"
          placeholder="Add link"
          width={40}
          options={proposals}
          value={null}
          onChange={({ value }) => {
            const proposed = proposals.find((one) => one.value === value);
            if (proposed) {
              put([...links, proposed.link]);
            }
          }}
        />
      )}
    </ConfigSection>
  );
}

interface LinkProps {
  number: number;
  link: MeshLink;
  readOnly?: boolean;
  change: (link: MeshLink) => void;
  remove: () => void;
}

function LinkFields({ number, link, readOnly, change, remove }: LinkProps) {
  const id = `link-${number}`;
  const [typed, setTyped] = useState<string>();
  const { internal } = link;
  const query = typed ?? JSON.stringify(internal?.query);
  const { error } = typed === undefined ? {} : readQuery(typed);

  return (
    <ConfigSubSection title={`Link ${number}`}>
      <InlineField
        label="Title"
        labelWidth={labelWidth}
        htmlFor={`${id}-title`}
        disabled={readOnly}
        tooltip="What is before a slash is the group in the menu: Logs/Of the pods."
      >
        <Input
          id={`${id}-title`}
          width={40}
          value={link.title}
          onChange={(event) => change({ ...link, title: event.currentTarget.value })}
        />
      </InlineField>
      <InlineField label="Of" labelWidth={labelWidth} disabled={readOnly}>
        <RadioButtonGroup
          aria-label={`Link ${number} of`}
          options={entities}
          value={link.on}
          disabled={readOnly}
          onChange={(on) => change({ ...link, on })}
        />
      </InlineField>
      <InlineField
        label="Kinds"
        labelWidth={labelWidth}
        htmlFor={`${id}-kinds`}
        disabled={readOnly}
        tooltip="Of the node, or of the one that an edge ends in: workload, app, service, namespace, cluster. Empty is all."
      >
        <Input
          id={`${id}-kinds`}
          width={40}
          placeholder="all"
          defaultValue={link.kinds?.join(', ')}
          onBlur={(event) => {
            const kinds = event.currentTarget.value.split(/[\s,]+/).filter(Boolean);
            change({ ...link, kinds: kinds.length > 0 ? kinds : undefined });
          }}
        />
      </InlineField>
      {internal ? (
        <>
          <InlineField
            label="Data source"
            labelWidth={labelWidth}
            htmlFor={`${id}-uid`}
            disabled={readOnly}
            tooltip="Its UID, which is in the address of its settings."
          >
            <Input
              id={`${id}-uid`}
              width={40}
              value={internal.datasourceUid}
              onChange={(event) =>
                change({ ...link, internal: { ...internal, datasourceUid: event.currentTarget.value.trim() } })
              }
            />
          </InlineField>
          <InlineField
            label="Query"
            labelWidth={labelWidth}
            htmlFor={`${id}-query`}
            disabled={readOnly}
            grow
            invalid={error !== undefined}
            error={error}
            tooltip='As the data source stores it, with names in double quotes: {"expr": "{namespace=\"${namespace}\"}"}.'
          >
            <TextArea
              id={`${id}-query`}
              rows={3}
              value={query}
              onChange={(event) => {
                const text = event.currentTarget.value;
                setTyped(text);
                const read = readQuery(text);
                if (read.query) {
                  change({ ...link, internal: { ...internal, query: read.query } });
                }
              }}
            />
          </InlineField>
        </>
      ) : (
        <InlineField
          label="URL"
          labelWidth={labelWidth}
          htmlFor={`${id}-url`}
          disabled={readOnly}
          grow
          tooltip="With ${namespace}, ${name} and others; of edges ${source.name} and ${target.name}."
        >
          <Input
            id={`${id}-url`}
            value={link.url ?? ''}
            onChange={(event) => change({ ...link, url: event.currentTarget.value.trim() })}
          />
        </InlineField>
      )}
      {!readOnly && (
        <Button variant="secondary" size="sm" icon="trash-alt" aria-label={`Remove link ${number}`} onClick={remove}>
          Remove
        </Button>
      )}
      <Space v={2} />
    </ConfigSubSection>
  );
}
