package dev.kvasir.engine;

import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.Settings.ToolParser;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.serving.ModelFacts;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.engine.tools.ReplyStyle;
import dev.kvasir.engine.tools.ToolFormat;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.template.JinjaChatTemplate;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import dev.kvasir.runner.torch.TorchModelRunner;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loads a Hugging Face model directory: weights into PyTorch, tokenizer, chat template. */
final class ModelLoader {
    private final Settings settings;

    ModelLoader(Settings settings) {
        this.settings = settings;
    }

    /**
     * Loads, or reads what is known of the model if this node computes nothing.
     *
     * @param dataDir where the model's fingerprint is kept
     */
    ServedModel load(Path directory, Path dataDir) {
        ModelDirectory model = ModelDirectory.open(directory);
        // Small files first, so that what is wrong with them is said before gigabytes are read.
        Tokenizer tokenizer = HfTokenizer.load(directory);
        ChatTemplate template = template(directory);
        byte[] fingerprint = model.fingerprint(dataDir.resolve("fingerprints"));
        List<String> aliases = settings.model().aliases();
        Pooling pooling = Pooling.valueOf(settings.model().pooling().name());
        if (settings.cluster().enabled() && settings.cluster().role() == ClusterSettings.Role.FRONTEND) {
            ModelFacts facts =
                    new ModelFacts(model.config(), fingerprint, TorchModelRunner.layout(model.config(), options()));
            return new ServedModel(
                    name(directory), aliases, facts, null, tokenizer, template, style(template), pooling);
        }
        KvDevices devices = KvDevices.of(settings);
        ModelRunner runner = TorchModelRunner.load(
                model.config(), model.checkpoint(), fingerprint, options(), devices.place(), devices.factory());
        return new ServedModel(
                name(directory), aliases, ModelFacts.of(runner), runner, tokenizer, template, style(template), pooling);
    }

    private @Nullable ChatTemplate template(Path directory) {
        Path own = settings.model().chatTemplate();
        return JinjaChatTemplate.load(directory, own, Clock.system(ZoneId.systemDefault()))
                .orElse(null);
    }

    private ReplyStyle style(@Nullable ChatTemplate template) {
        ToolParser parser = settings.model().toolParser();
        ToolFormat format = parser == ToolParser.AUTO ? null : ToolFormat.valueOf(parser.name());
        return ReplyStyle.of(template == null ? "" : template.source(), format);
    }

    private RunnerOptions options() {
        DTypeChoice dtype = DTypeChoice.valueOf(settings.model().dtype().name());
        Plan plan =
                switch (settings.plan()) {
                    case FUSED, AUTO -> Plan.FUSED;
                    case LAYERED -> Plan.LAYERED;
                };
        return new RunnerOptions(
                dtype,
                settings.model().stepThreads(),
                settings.pool().deviceBytes(),
                settings.pool().segmentTokens(),
                plan);
    }

    private String name(Path directory) {
        String name = settings.model().name();
        if (name != null) {
            return name;
        }
        Path last = directory.toAbsolutePath().normalize().getFileName();
        if (last == null) {
            throw new SettingsException("model.path " + directory + " has no name of its own: set model.name");
        }
        return last.toString();
    }
}
