package dev.kvasir.benchmarks.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.util.List;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws a run's log: loss and exact replies of each task by tokens read. */
final class LossChart {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    // Columns of log.csv: step,tokens,seconds,task,loss,exact,replies
    private static final int TOKENS = 1;
    private static final int TASK = 3;
    private static final int LOSS = 4;
    private static final int EXACT = 5;
    private static final double SMOOTHING = 0.15;

    private LossChart() {}

    /**
     * Writes a PNG, loss above exact replies.
     *
     * @param log as {@link TrainingRun} writes it
     */
    static void write(Path log, Path picture) throws IOException {
        List<String[]> lines = Files.readAllLines(log).stream()
                .skip(1)
                .map(line -> line.split(","))
                .toList();
        BufferedImage image = new BufferedImage(WIDTH, 2 * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        JFreeChart loss = chart("Loss per learned token", lines, LOSS, plot -> {
            LogAxis axis = new LogAxis("nats");
            axis.setSmallestValue(0.001);
            axis.setNumberFormatOverride(new DecimalFormat("0.00"));
            plot.setRangeAxis(axis);
        });
        loss.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
        chart("Replies exactly right in training (teacher-forced)", lines, EXACT, plot -> {})
                .draw(graphics, new Rectangle2D.Double(0, HEIGHT, WIDTH, HEIGHT));
        graphics.dispose();
        ImageIO.write(image, "png", picture.toFile());
    }

    private static JFreeChart chart(String title, List<String[]> lines, int column, Consumer<XYPlot> change) {
        XYSeriesCollection data = new XYSeriesCollection();
        for (String task :
                lines.stream().map(line -> line[TASK]).distinct().sorted().toList()) {
            XYSeries series = new XYSeries(task);
            double smooth = Double.NaN;
            for (String[] line : lines) {
                if (line[TASK].equals(task)) {
                    double value = Double.parseDouble(line[column]);
                    smooth = Double.isNaN(smooth) ? value : smooth + SMOOTHING * (value - smooth);
                    series.add(Double.parseDouble(line[TOKENS]) / 1e6, smooth);
                }
            }
            data.addSeries(series);
        }
        JFreeChart chart = ChartFactory.createXYLineChart(title, "million tokens", "", data);
        XYPlot plot = chart.getXYPlot();
        change.accept(plot);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(Color.LIGHT_GRAY);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        for (int i = 0; i < data.getSeriesCount(); i++) {
            plot.getRenderer().setSeriesStroke(i, new BasicStroke(2));
        }
        return chart;
    }
}
