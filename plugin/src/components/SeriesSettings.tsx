import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, RadioButtonList } from '@grafana/ui';
import React from 'react';

import type { Choice } from '../choices';
import { settingDefaults } from '../defaults';
import { isDuration } from '../duration';
import type { MeshOptions, SeriesSource } from '../types';

interface Props {
  options: MeshOptions;
  change: (changed: Partial<MeshOptions>) => void;
  readOnly?: boolean;
}

const sources: Array<Choice<SeriesSource>> = [
  {
    value: 'auto',
    label: 'Auto',
    description: 'The series of the exporter where there were any at the start of the range, else those of Istio.',
  },
  {
    value: 'derived',
    label: 'Derived',
    description: 'The series of the Meshscope exporter (meshscope_*). Fast over any range.',
  },
  {
    value: 'raw',
    label: 'Raw',
    description: 'The series of Istio alone (istio_*). Needs no exporter, and takes longer.',
  },
];

export function SeriesSettings({ options, change, readOnly }: Props) {
  const source = options.seriesSource || settingDefaults.seriesSource;
  const range = options.rawMaxRange ?? '';
  return (
    <ConfigSection title="Series" description="What all answers are made of.">
      <Field label="Source" disabled={readOnly}>
        <RadioButtonList
          name="series-source"
          options={sources}
          value={source}
          disabled={readOnly}
          onChange={(seriesSource) => change({ seriesSource })}
        />
      </Field>
      {source !== 'derived' && (
        <Field
          label="Maximum range of raw series"
          description="Longer ranges are refused on Istio's series, to spare the store."
          htmlFor="raw-max-range"
          disabled={readOnly}
          invalid={range !== '' && !isDuration(range)}
          error="A duration such as 6h or 90m"
        >
          <Input
            id="raw-max-range"
            width={20}
            placeholder={settingDefaults.rawMaxRange}
            value={range}
            onChange={(event) => change({ rawMaxRange: event.currentTarget.value.trim() || undefined })}
          />
        </Field>
      )}
    </ConfigSection>
  );
}
