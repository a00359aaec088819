import DefaultTheme from 'vitepress/theme'
import Mermaid from './Mermaid.vue'
import Versions from './Versions.vue'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Mermaid', Mermaid)
    app.component('Versions', Versions)
  },
}
