import { ConfigSubSection } from '@grafana/plugin-ui';
import { InlineField, InlineSwitch, Input, RadioButtonGroup } from '@grafana/ui';
import React from 'react';

import { settingDefaults } from '../defaults';
import { isDuration } from '../duration';
import type { MeshOptions } from '../types';

interface Props {
  options: MeshOptions;
  change: (changed: Partial<MeshOptions>) => void;
  readOnly?: boolean;
}

const methods = [
  { value: 'POST', label: 'POST' },
  { value: 'GET', label: 'GET' },
];

const labelWidth = 28;

/** How the store is asked, beyond what Grafana has settings for. */
export function StoreSettings({ options, change, readOnly }: Props) {
  const interval = options.timeInterval ?? '';
  return (
    <ConfigSubSection title="Prometheus API">
      <InlineField
        label="HTTP method"
        labelWidth={labelWidth}
        disabled={readOnly}
        tooltip="Queries may be longer than what some proxies let pass with GET."
      >
        <RadioButtonGroup
          aria-label="HTTP method"
          options={methods}
          value={options.httpMethod || settingDefaults.httpMethod}
          disabled={readOnly}
          onChange={(httpMethod) => change({ httpMethod })}
        />
      </InlineField>
      <InlineField
        label="Scrape interval"
        labelWidth={labelWidth}
        htmlFor="time-interval"
        disabled={readOnly}
        invalid={interval !== '' && !isDuration(interval)}
        error="A duration such as 15s or 1m"
        tooltip="How often the store scrapes the exporter or, without one, the proxies. Series have no step shorter than fits to it."
      >
        <Input
          id="time-interval"
          width={20}
          placeholder={settingDefaults.timeInterval}
          value={interval}
          onChange={(event) => change({ timeInterval: event.currentTarget.value.trim() || undefined })}
        />
      </InlineField>
      <InlineField
        label="Custom query parameters"
        labelWidth={labelWidth}
        htmlFor="custom-query-parameters"
        disabled={readOnly}
        tooltip="Added to each request, such as dedup=true for Thanos."
      >
        <Input
          id="custom-query-parameters"
          width={40}
          placeholder="dedup=true&partial_response=false"
          value={options.customQueryParameters ?? ''}
          onChange={(event) => change({ customQueryParameters: event.currentTarget.value || undefined })}
        />
      </InlineField>
      <InlineField
        label="Maximum response size"
        labelWidth={labelWidth}
        htmlFor="max-response-megabytes"
        disabled={readOnly}
        tooltip="Of one answer of the store. A larger one is an error."
      >
        <Input
          id="max-response-megabytes"
          type="number"
          min={1}
          width={20}
          suffix="MB"
          placeholder={String(settingDefaults.maxResponseMegabytes)}
          value={options.maxResponseMegabytes ?? ''}
          onChange={(event) => change({ maxResponseMegabytes: event.currentTarget.valueAsNumber || undefined })}
        />
      </InlineField>
      <InlineField
        label="Forward Grafana's user token"
        labelWidth={labelWidth}
        htmlFor="forward-grafana-id"
        disabled={readOnly}
        tooltip="Sends X-Grafana-Id, for a proxy that checks who asks. Then users share no answers, and each has the store work for them alone."
      >
        <InlineSwitch
          id="forward-grafana-id"
          value={options.forwardGrafanaId ?? false}
          onChange={(event) => change({ forwardGrafanaId: event.currentTarget.checked || undefined })}
        />
      </InlineField>
    </ConfigSubSection>
  );
}
