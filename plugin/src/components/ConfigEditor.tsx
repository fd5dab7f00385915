import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import {
  AdvancedHttpSettings,
  Auth,
  AuthMethod,
  ConfigSection,
  ConnectionSettings,
  convertLegacyAuthProps,
  DataSourceDescription,
} from '@grafana/plugin-ui';
import { config } from '@grafana/runtime';
import { Divider, SecureSocksProxySettings, Space } from '@grafana/ui';
import React from 'react';

import type { MeshOptions, MeshSecrets } from '../types';
import { LinkSettings } from './LinkSettings';
import { SeriesSettings } from './SeriesSettings';
import { StoreSettings } from './StoreSettings';

type Props = DataSourcePluginOptionsEditorProps<MeshOptions, MeshSecrets>;

/** As wide as the sections of @grafana/plugin-ui. */
const narrow = css({ maxWidth: 578 });

const docs = 'https://github.com/meshscope/meshscope/blob/main/plugin/README.md#settings';

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const change = (changed: Partial<MeshOptions>) =>
    onOptionsChange({ ...options, jsonData: { ...options.jsonData, ...changed } });

  return (
    <>
      <DataSourceDescription dataSourceName="Meshscope Topology" docsLink={docs} hasRequiredFields />
      <Divider />
      <ConnectionSettings
        config={options}
        onChange={onOptionsChange}
        urlPlaceholder="http://prometheus:9090"
        urlTooltip="The Prometheus-compatible store, with its path prefix if it has one, such as http://mimir:8080/prometheus. Grafana's server must reach it."
      />
      <Divider />
      <Auth
        {...convertLegacyAuthProps({ config: options, onChange: onOptionsChange })}
        visibleMethods={[AuthMethod.NoAuth, AuthMethod.BasicAuth, AuthMethod.OAuthForward]}
      />
      {config.secureSocksDSProxyEnabled && (
        <SecureSocksProxySettings options={options} onOptionsChange={onOptionsChange} />
      )}
      <Divider />
      <SeriesSettings options={options.jsonData} change={change} readOnly={options.readOnly} />
      <Divider />
      <LinkSettings options={options.jsonData} change={change} readOnly={options.readOnly} />
      <Divider />
      <ConfigSection
        title="Requests"
        description="How the store is asked. Most stores need nothing of this."
        isCollapsible
        isInitiallyOpen={false}
        className={narrow}
      >
        <StoreSettings options={options.jsonData} change={change} readOnly={options.readOnly} />
        <Space v={2} />
        <AdvancedHttpSettings config={options} onChange={onOptionsChange} />
      </ConfigSection>
    </>
  );
}
