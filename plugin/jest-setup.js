import './.config/jest-setup';

// The menus of @grafana/ui ask for it, and jsdom has none.
global.IntersectionObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// i18next, which @grafana/ui takes along, advertises with it.
jest.spyOn(console, 'info').mockImplementation(() => {});
